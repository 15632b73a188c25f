import CarafeWebSocketCodec
import NIOCore

/// Messages on their way from the socket to the app: decoded, then handed to the task that waits, or queued.
///
/// Backpressure: when the queue is full, nothing more is decoded until the app has taken a message.
struct InboundMessages {
    enum Delivery {
        case resume(ReceiverSlot.Continuation)
        case queued
        /// The message was queued, and the socket must not be read until `take` asks for it.
        case pauseReading
    }

    private var decoder: MessageDecoder
    private var queue = MessageQueue()
    var receiver = ReceiverSlot()
    private(set) var isPaused = false

    init(role: Role, limits: ConnectionLimits, compression: Compression?) {
        decoder = MessageDecoder(role: role, limits: limits.codecLimits, deflate: compression?.parameters)
    }

    /// Whether a message has begun whose end is still to come.
    var isInsideMessage: Bool { decoder.isInsideMessage }

    mutating func receive(_ bytes: inout ByteBuffer) {
        decoder.receive(&bytes)
    }

    /// Returns the next event of the peer; nil while paused, or if more bytes must come first.
    mutating func nextEvent() -> MessageDecoder.Event? {
        isPaused ? nil : decoder.next()
    }

    mutating func deliver(_ message: Message, limits: ConnectionLimits) -> Delivery {
        if let waiting = receiver.take() { return .resume(waiting) }
        queue.append(message)
        guard queue.isFull(limits) else { return .queued }
        isPaused = true
        return .pauseReading
    }

    /// Takes the next message out of the queue; `resumesReading` says that there is space for more again.
    mutating func take(limits: ConnectionLimits) -> (message: Message, resumesReading: Bool)? {
        guard let message = queue.popFirst() else { return nil }
        guard isPaused, !queue.isFull(limits) else { return (message, false) }
        isPaused = false
        return (message, true)
    }

    /// Drops what the app has not received, and returns whether reading resumes.
    mutating func drop() -> Bool {
        queue.removeAll()
        defer { isPaused = false }
        return isPaused
    }
}
