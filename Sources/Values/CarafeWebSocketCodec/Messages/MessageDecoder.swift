public import NIOCore

/// Bytes in, events out: all that one side of a connection receives after the handshake.
///
/// The caller passes each read to `receive`, then takes events from `next` until it returns nil.
///
/// Events keep the order of the wire: what came whole before a fault is handed out before the fault. After
/// `next()` has returned nil, an idle decoder holds no buffer.
public struct MessageDecoder: Sendable {
    /// A message or a control frame of the peer, or its fault.
    public enum Event: Sendable, Hashable {
        case message(Message)

        /// Answer it with a pong that has the same payload (RFC 6455 §5.5.2).
        case ping(ByteBuffer)
        case pong(ByteBuffer)

        /// The peer's close frame, and the last event. The code is nil if it had none.
        case close(code: CloseCode?, reason: String)

        /// The peer broke a rule, and this is the last event: send a close frame with this code and reason, then close.
        case failure(code: CloseCode, reason: String)
    }

    private var frames: FrameDecoder
    private var assembler: MessageAssembler
    private var control = ByteBuffer()
    private var isFinished = false

    /// - Parameters:
    ///   - role: our side; it decides whether frames must be masked or must not.
    ///   - limits: what one message may cost.
    ///   - deflate: what was agreed for compression; nil for none. Until the first compressed message it costs nothing.
    package init(role: Role, limits: MessageLimits = MessageLimits(), deflate: DeflateParameters? = nil) {
        frames = FrameDecoder(role: role, limits: limits, isReserved1Negotiated: deflate != nil)
        assembler = MessageAssembler(
            inflater: deflate.map { MessageInflater($0, role: role, limit: limits.messageLimit) }
        )
    }

    /// The number of received bytes that are held: unread, or of an unfinished message.
    package var heldByteCount: Int {
        frames.unreadByteCount + assembler.byteCount + control.readableBytes
    }

    /// Whether a message has begun of which more is to come.
    package var isInsideMessage: Bool { !isFinished && frames.isInsideMessage }

    /// The memory held for an unfinished message, in bytes.
    var assemblyCapacity: Int { assembler.capacity }

    /// Takes the bytes of one read, and leaves the caller an empty buffer.
    ///
    /// After the last event they are dropped (RFC 6455 §5.5.1, §7.1.7).
    package mutating func receive(_ bytes: inout ByteBuffer) {
        if isFinished {
            bytes = ByteBuffer()
        } else {
            frames.receive(&bytes)
        }
    }

    /// The next event, or nil if more bytes must come first, or if the last event was returned.
    package mutating func next() -> Event? {
        guard !isFinished else { return nil }
        do {
            while let part = try frames.next() {
                if let event = try take(part) { return event }
            }
            return nil
        } catch {
            finish()
            return .failure(code: error.code, reason: error.reason)
        }
    }

    private mutating func take(_ part: FramePart) throws(ProtocolError) -> Event? {
        guard part.header.opcode.isControl else {
            return try assembler.add(part).map { .message($0) }
        }
        guard let payload = takeControl(part) else { return nil }
        switch part.header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default:
            let close = try ClosePayload(parsing: payload)
            finish()
            return .close(code: close.code, reason: close.reason)
        }
    }

    /// The payload of a control frame, which may come in pieces too, once it is whole.
    private mutating func takeControl(_ part: FramePart) -> ByteBuffer? {
        if part.isFirst, part.isLast { return part.payload }
        control.writeImmutableBuffer(part.payload)
        guard part.isLast else { return nil }
        defer { control = ByteBuffer() }
        return control
    }

    private mutating func finish() {
        isFinished = true
        frames = FrameDecoder(role: .client)
        assembler = MessageAssembler()
        control = ByteBuffer()
    }
}
