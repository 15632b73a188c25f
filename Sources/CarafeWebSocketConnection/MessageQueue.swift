import CarafeWebSocketCodec
import NIOCore

/// The messages that wait for `receive`, bounded in bytes and in number; one message may go past the limit of bytes.
struct MessageQueue {
    private let byteLimit: Int
    private let countLimit: Int
    /// Nil while it is empty, so that an idle connection has no memory for it.
    private var messages: CircularBuffer<Message>?
    private var byteCount = 0

    init(byteLimit: Int, countLimit: Int) {
        self.byteLimit = byteLimit
        self.countLimit = countLimit
    }

    var isFull: Bool {
        guard let messages else { return false }
        return byteCount >= byteLimit || messages.count >= countLimit
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
