import CarafeWebSocketCodec
import Testing

@testable import CarafeWebSocketTransport

@Suite("MessageQueue", .timeLimit(.minutes(10)))
struct MessageQueueTests {
    private func limits(bytes: Int, messages: Int = 1000) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.inboundLimit = bytes
        limits.inboundMessageLimit = messages
        return limits
    }

    @Test("messages come out in their order, whatever was taken in between")
    func order() {
        var queue = MessageQueue()
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
        let limits = limits(bytes: 10)
        var queue = MessageQueue()
        queue.append(.text("123456789"))
        #expect(!queue.isFull(limits))
        queue.append(.text("a long one"))
        #expect(queue.isFull(limits))
        _ = queue.popFirst()
        #expect(queue.isFull(limits))
        _ = queue.popFirst()
        #expect(!queue.isFull(limits))
    }

    @Test("it is full at its limit of messages, empty ones too")
    func count() {
        let limits = limits(bytes: 10, messages: 3)
        var queue = MessageQueue()
        for _ in 1...2 { queue.append(.text("")) }
        #expect(!queue.isFull(limits))
        queue.append(.text(""))
        #expect(queue.isFull(limits))
        _ = queue.popFirst()
        #expect(!queue.isFull(limits))
    }
}
