import NIOCore

/// Data frames in, messages out (RFC 6455 §5.4), with text checked as it arrives (§8.1).
struct MessageAssembler: Sendable {
    private var kind = Message.Kind.binary
    private var isCompressed = false
    private var bytes = ByteBuffer()
    private var validator = UTF8Validator()
    private var inflater: MessageInflater?

    /// - Parameter inflater: for messages with RSV1; nil if no compression was negotiated.
    init(inflater: MessageInflater? = nil) {
        self.inflater = inflater
    }

    /// The number of bytes held of an unfinished message.
    var byteCount: Int { bytes.readableBytes }

    /// The memory held for them, in bytes.
    var capacity: Int { bytes.capacity }

    /// Takes the next part of a data frame; the parts must come in an order that `FrameSequence` admits.
    mutating func add(_ part: FramePart) throws(ProtocolError) -> Message? {
        if part.isFirst, part.header.opcode != .continuation {
            kind = part.header.opcode == .text ? .text : .binary
            // RFC 7692 §6: RSV1 of the first frame is for the whole message.
            isCompressed = part.header.reserved1
            validator = UTF8Validator()
        }
        let isWhole = part.isLast && part.header.isFinal
        if isCompressed {
            try inflate(part.payload, isWhole: isWhole)
            return isWhole ? finish(bytes) : nil
        }
        try check(part.payload, isWhole: isWhole)
        guard isWhole else {
            append(part)
            return nil
        }
        if bytes.readableBytes == 0 {
            return finish(part.payload)
        }
        append(part)
        return finish(bytes)
    }

    private mutating func inflate(_ payload: ByteBuffer, isWhole: Bool) throws(ProtocolError) {
        guard inflater != nil else { throw .protocolError("expected RSV1 to be 0, no extension was negotiated") }
        try inflater?.inflate(payload, isWhole: isWhole, into: &bytes, kind: kind, validator: &validator)
    }

    private mutating func check(_ payload: ByteBuffer, isWhole: Bool) throws(ProtocolError) {
        guard kind == .text else { return }
        guard validator.accept(payload), !isWhole || validator.isComplete else { throw .invalidText }
    }

    private mutating func append(_ part: FramePart) {
        let arrived = bytes.readableBytes + part.payload.readableBytes
        if arrived > bytes.capacity {
            // At most twice what arrived (which ByteBuffer rounds up to a power of two), however much was declared:
            // a length costs the peer nothing, bytes do. And no more than what the frame can still bring.
            let declared = bytes.readableBytes + part.header.payloadLength
            bytes.reserveCapacity(min(2 * arrived, max(arrived, declared)))
        }
        bytes.writeImmutableBuffer(part.payload)
    }

    private mutating func finish(_ whole: ByteBuffer) -> Message {
        bytes = ByteBuffer()
        return Message(kind: kind, uncheckedBytes: whole)
    }
}
