package import NIOCore

/// Bytes in, parts of frames out: framing, masking and order of RFC 6455 §5, but not yet messages.
///
/// A frame that came whole is one part, a slice of the received bytes. Any other frame is handed out part by part, as
/// it comes, so that nothing waits here for the rest.
package struct FrameDecoder: Sendable {
    private var sequence: FrameSequence
    private var unmasker = Unmasker()
    private var headerReader = HeaderReader()
    private var unread = ByteBuffer()
    private var header: FrameHeader?
    private var remaining = 0

    /// - Parameters:
    ///   - role: our side; it decides whether frames must be masked or must not.
    ///   - limits: what one message may declare.
    ///   - isReserved1Negotiated: whether the first frame of a message may have RSV1 set.
    package init(role: Role, limits: MessageLimits = MessageLimits(), isReserved1Negotiated: Bool = false) {
        sequence = FrameSequence(role: role, limits: limits, isReserved1Negotiated: isReserved1Negotiated)
    }

    /// The number of received bytes that wait for `next()`.
    package var unreadByteCount: Int { unread.readableBytes }

    /// Whether a data frame, or a message of several, has begun and is not whole.
    var isInsideMessage: Bool {
        sequence.isInsideMessage || header.map { !$0.opcode.isControl } ?? false
    }

    /// Takes the bytes of one read, and leaves the caller an empty buffer.
    ///
    /// They are taken, not shared, so that a server can unmask them where they lie. If someone else holds the storage
    /// too (a channel keeps its read buffer for the next read), the readable bytes are copied once.
    package mutating func receive(_ bytes: inout ByteBuffer) {
        var incoming = ByteBuffer()
        swap(&incoming, &bytes)
        if sequence.role == .server {
            unmask(&incoming)
        }
        if unread.readableBytes == 0 {
            unread = incoming
        } else {
            unread.writeBuffer(&incoming)
        }
    }

    /// The next part of a frame, or nil if more bytes must come first.
    ///
    /// Throws once the stream breaks a rule. It must not be called again after that.
    package mutating func next() throws(ProtocolError) -> FramePart? {
        if let header { return readPart(header) }
        guard let header = try readHeader() else { return nil }
        try sequence.admit(header)
        self.header = header
        remaining = header.payloadLength
        return readPart(header)
    }

    private mutating func unmask(_ incoming: inout ByteBuffer) {
        let isDone: Void? = incoming.modifyIfUniquelyOwned { unmaskInPlace(&$0) }
        guard isDone == nil else { return }
        // Copy-on-write would copy the whole capacity, which may be a thousand times what was read.
        var copy = ByteBufferAllocator().buffer(capacity: incoming.readableBytes)
        copy.writeImmutableBuffer(incoming)
        incoming = copy
        unmaskInPlace(&incoming)
    }

    private mutating func unmaskInPlace(_ incoming: inout ByteBuffer) {
        // Raw pointers as in MaskingKey.apply(to:), which gets them.
        incoming.withUnsafeMutableReadableBytes { unmasker.unmask($0) }
    }

    private mutating func readHeader() throws(ProtocolError) -> FrameHeader? {
        guard unread.readableBytes > 0 else { return nil }
        // A copy, because the span borrows all of self.
        var reader = headerReader
        let (header, consumed) = try reader.read(unread.readableBytesSpan)
        headerReader = reader
        unread.moveReaderIndex(forwardBy: consumed)
        dropIfRead()
        return header
    }

    private mutating func readPart(_ header: FrameHeader) -> FramePart? {
        let isFirst = remaining == header.payloadLength
        let count = min(remaining, unread.readableBytes)
        guard count > 0 || remaining == 0, let payload = unread.readSlice(length: count) else { return nil }
        remaining -= count
        dropIfRead()
        if remaining == 0 {
            self.header = nil
        }
        return FramePart(header: header, payload: payload, isFirst: isFirst, isLast: remaining == 0)
    }

    /// An idle socket shall not keep the storage of its last read alive.
    private mutating func dropIfRead() {
        if unread.readableBytes == 0 {
            unread = ByteBuffer()
        }
    }
}

/// The payload of a frame, or as much of it as has come.
package struct FramePart: Sendable, Hashable {
    /// The header of the frame. Its masking key is done with: `payload` is unmasked.
    package var header: FrameHeader

    package var payload: ByteBuffer

    /// Whether the payload begins here.
    package var isFirst: Bool

    /// Whether the payload ends here.
    package var isLast: Bool
}
