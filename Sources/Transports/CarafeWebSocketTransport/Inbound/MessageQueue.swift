import CarafeWebSocketCodec
import NIOCore

/// The messages that wait for `receive`, bounded in bytes and in number; one message may go past the limit of bytes.
struct MessageQueue {
    /// Nil while it is empty, so that an idle connection has no memory for it.
    private var messages: CircularBuffer<Message>?
    private var byteCount = 0

    func isFull(_ limits: ConnectionLimits) -> Bool {
        guard let messages else { return false }
        return byteCount >= limits.inboundLimit || messages.count >= limits.inboundMessageLimit
    }

    mutating func append(_ message: Message) {
        if messages == nil { messages = CircularBuffer(initialCapacity: 4) }
        messages?.append(message)
        byteCount += message.bytes.readableBytes
    }

    mutating func removeAll() {
        messages = nil
        byteCount = 0
    }

    mutating func popFirst() -> Message? {
        guard let message = messages?.popFirst() else { return nil }
        byteCount -= message.bytes.readableBytes
        if messages?.isEmpty == true { messages = nil }
        return message
    }
}
