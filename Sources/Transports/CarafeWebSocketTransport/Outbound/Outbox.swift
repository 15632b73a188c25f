import CarafeWebSocketCodec
import NIOCore

/// Frames on their way to the socket: the bytes of the next write, and the backlog for a peer that does not read.
struct Outbox {
    enum Enqueued {
        /// The frames go out at once, after the bytes of the next write.
        case write
        case queued
        /// The backlog was too long, and is dropped.
        case tooFarBehind
    }

    // First what each delivery of a room looks at: it fits into one line of memory.
    /// Whether frames may follow.
    var isOpen = true
    /// Whether the channel has space for more output.
    var isWritable = true
    private var isIdle = true
    private let role: Role
    private var backlog: CircularBuffer<ByteBuffer>?
    private var bytes = ByteBuffer()
    /// The cost of the backlog in bytes.
    private(set) var backlogCost = 0
    private var latePong: ByteBuffer?
    private let compressors: Compressors?
    private var encoder: MessageEncoder

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

    mutating func append(_ frame: Frame) {
        // RFC 6455 §5.3: a client masks each frame with a fresh key.
        FrameEncoder.append(frame, maskedWith: role == .client ? .random() : nil, to: &bytes)
    }

    /// Answers a ping, at once if the channel is writable.
    ///
    /// RFC 6455 §5.5.3: of several pings that were not answered yet, the last one may be answered alone. So a peer that
    /// pings and does not read costs no memory.
    mutating func answer(ping payload: ByteBuffer) {
        if isWritable { append(.pong(payload)) } else { latePong = payload }
    }

    /// The length of the next write.
    var byteCount: Int { bytes.readableBytes }

    /// Takes the bytes of the next write; nil if there are none, or if they must wait behind the backlog.
    mutating func takeWrite() -> ByteBuffer? {
        guard let bytes = takeBytes() else { return nil }
        guard hasBacklog else { return bytes }
        postpone(bytes)
        return nil
    }

    /// Takes the bytes of the next write, although there may be a backlog.
    mutating func takeBytes() -> ByteBuffer? {
        guard bytes.readableBytes > 0 else { return nil }
        var taken = ByteBuffer()
        swap(&taken, &bytes)
        return taken
    }

    // MARK: The backlog

    /// Whether frames wait that must go before others.
    var hasBacklog: Bool { backlog != nil }

    /// Whether frames of a room go out at once.
    var takesMore: Bool { isOpen && isWritable && !hasBacklog }

    /// Takes frames that a room has encoded; the caller writes them if the channel has space, and they wait if not.
    mutating func enqueue(_ frames: ByteBuffer, areCompressed: Bool, limit: Int) -> Enqueued {
        if areCompressed { releaseContext() }
        if takesMore { return .write }
        postpone(frames)
        guard backlogCost > limit else { return .queued }
        dropPostponed()
        return .tooFarBehind
    }

    /// Takes note of a message from another compressor, which moves the peer's window on.
    mutating func releaseContext() {
        encoder.releaseContext()
    }

    /// Takes the next frames of the backlog.
    mutating func takePostponed() -> ByteBuffer? {
        guard let frames = backlog?.popFirst() else { return nil }
        backlogCost -= Self.cost(of: frames)
        if backlog?.isEmpty == true { backlog = nil }
        return frames
    }

    mutating func dropPostponed() {
        latePong = nil
        backlog = nil
        backlogCost = 0
    }

    /// Appends the pong that has waited until the channel is writable.
    mutating func appendLatePong() {
        guard let latePong else { return }
        self.latePong = nil
        append(.pong(latePong))
    }

    private mutating func postpone(_ frames: ByteBuffer) {
        backlog = backlog ?? CircularBuffer()
        backlog?.append(frames)
        backlogCost += Self.cost(of: frames)
    }

    /// A fixed part too, so that a flood of empty messages is bounded as well.
    private static func cost(of frames: ByteBuffer) -> Int { frames.readableBytes + 64 }

    // MARK: Memory

    /// Frees the compressor if nothing was sent since the last call; to be called now and then.
    mutating func rest(at now: NIODeadline) {
        if isIdle {
            encoder.releaseContext()
            compressors?.rest(at: now)
        }
        isIdle = true
    }
}
