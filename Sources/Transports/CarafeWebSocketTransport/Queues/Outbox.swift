import CarafeWebSocketCodec
import NIOCore

/// What a connection is about to send: the bytes of its next write, and what waits for a peer that does not read.
struct Outbox {
    private let role: Role
    private let compressors: Compressors?
    private var encoder: MessageEncoder
    private var bytes = ByteBuffer()
    private var latePong: ByteBuffer?
    private var backlog: CircularBuffer<ByteBuffer>?
    /// What the backlog costs, in bytes.
    private(set) var backlogCost = 0
    private var isIdle = true

    init(role: Role, compression: Compression?) {
        self.role = role
        compressors = compression?.compressors
        encoder = MessageEncoder(role: role, deflate: compression?.parameters)
    }

    // MARK: The next write

    mutating func append(_ message: Message, on eventLoop: any EventLoop) {
        isIdle = false
        guard let compressors, message.bytes.readableBytes >= compressors.threshold else {
            return append(.message(message))
        }
        append(compressors.use(at: eventLoop.now) { pool in encoder.frame(for: message, pool: &pool) })
    }

    /// Frames go out that a room has compressed: the peer's window moves on without our own compressor.
    mutating func noteSharedFrames() {
        encoder.releaseContext()
    }

    mutating func append(_ frame: Frame) {
        // RFC 6455 §5.3: a client masks each frame with a fresh key.
        FrameEncoder.append(frame, maskedWith: role == .client ? .random() : nil, to: &bytes)
    }

    /// How much is to be written now.
    var byteCount: Int { bytes.readableBytes }

    /// What is to be written now; nil if that is nothing.
    mutating func take() -> ByteBuffer? {
        guard bytes.readableBytes > 0 else { return nil }
        var taken = ByteBuffer()
        swap(&taken, &bytes)
        return taken
    }

    // MARK: What waits

    /// RFC 6455 §5.5.3: of several pings that were not answered yet, the last one may be answered alone. So a peer that
    /// pings and does not read costs no memory.
    mutating func postpone(pong payload: ByteBuffer) {
        latePong = payload
    }

    mutating func appendLatePong() {
        guard let latePong else { return }
        self.latePong = nil
        append(.pong(latePong))
    }

    /// Whether frames wait that must go before others.
    var hasBacklog: Bool { backlog != nil }

    mutating func postpone(_ frames: ByteBuffer) {
        backlog = backlog ?? CircularBuffer()
        backlog?.append(frames)
        backlogCost += Self.cost(of: frames)
    }

    /// The next frames of the backlog.
    mutating func takePostponed() -> ByteBuffer? {
        guard let frames = backlog?.popFirst() else { return nil }
        backlogCost -= Self.cost(of: frames)
        if backlog?.isEmpty == true { backlog = nil }
        return frames
    }

    /// Forgets what waits.
    mutating func dropPostponed() {
        latePong = nil
        backlog = nil
        backlogCost = 0
    }

    /// A fixed part too, so that a flood of empty messages is bounded as well.
    private static func cost(of frames: ByteBuffer) -> Int { frames.readableBytes + 64 }

    // MARK: Memory

    /// To be called now and then: gives the compressor's memory back if nothing was sent since the last call.
    mutating func rest(at now: NIODeadline) {
        if isIdle {
            encoder.releaseContext()
            compressors?.rest(at: now)
        }
        isIdle = true
    }
}
