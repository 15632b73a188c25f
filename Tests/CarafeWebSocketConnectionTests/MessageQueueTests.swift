import CarafeWebSocketCodec
import Testing

@testable import CarafeWebSocketConnection

@Suite("MessageQueue")
struct MessageQueueTests {
    @Test("messages come out in their order, whatever was taken in between")
    func order() {
        var queue = MessageQueue(byteLimit: 1000, countLimit: 1000)
        #expect(queue.popFirst() == nil)
        queue.append(.text("1"))
        queue.append(.text("2"))
        #expect(queue.popFirst() == .text("1"))
        for number in 3...50 { queue.append(.text("\(number)")) }
        for number in 2...50 { #expect(queue.popFirst() == .text("\(number)")) }
        #expect(queue.popFirst() == nil)
    }

    @Test("it is full at its limit of bytes, which one message may pass, and no more when one was taken")
    func bytes() {
        var queue = MessageQueue(byteLimit: 10, countLimit: 1000)
        queue.append(.text("123456789"))
        #expect(!queue.isFull)
        queue.append(.text("a long one"))
        #expect(queue.isFull)
        _ = queue.popFirst()
        #expect(queue.isFull)
        _ = queue.popFirst()
        #expect(!queue.isFull)
    }

    @Test("it is full at its limit of messages, empty ones too")
    func count() {
        var queue = MessageQueue(byteLimit: 10, countLimit: 3)
        for _ in 1...2 { queue.append(.text("")) }
        #expect(!queue.isFull)
        queue.append(.text(""))
        #expect(queue.isFull)
        _ = queue.popFirst()
        #expect(!queue.isFull)
    }
}
