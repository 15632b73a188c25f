import NIOCore

/// Data frames in, messages out (RFC 6455 §5.4), with text checked as it arrives (§8.1).
struct MessageAssembler: Sendable {
    /// A message as it came over the wire.
    struct Assembled: Sendable, Hashable {
        var message: Message

        /// RFC 7692 §6: the bytes are still to be decompressed, and if they are text, to be checked after that.
        var isCompressed: Bool
    }

    private var kind = Message.Kind.binary
    private var isCompressed = false
    private var bytes = ByteBuffer()
    private var validator = UTF8Validator()

    /// How many bytes of an unfinished message are held.
    var byteCount: Int { bytes.readableBytes }

    /// How much memory is held for them.
    var capacity: Int { bytes.capacity }

    /// Takes the next part of a data frame; the parts must come in an order that `FrameSequence` admits.
    mutating func add(_ part: FramePart) throws(ProtocolFailure) -> Assembled? {
        if part.isFirst, part.header.opcode != .continuation {
            kind = part.header.opcode == .text ? .text : .binary
            isCompressed = part.header.reserved1
            validator = UTF8Validator()
        }
        let isWhole = part.isLast && part.header.isFinal
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

    private mutating func check(_ payload: ByteBuffer, isWhole: Bool) throws(ProtocolFailure) {
        guard kind == .text, !isCompressed else { return }
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

    private mutating func finish(_ whole: ByteBuffer) -> Assembled {
        bytes = ByteBuffer()
        return Assembled(message: Message(kind: kind, uncheckedBytes: whole), isCompressed: isCompressed)
    }
}
