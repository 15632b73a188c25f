import CarafeWebSocketCodec
import Testing

@testable import CarafeWebSocketTransport

@Suite("ReceiverSlot", .timeLimit(.minutes(10)))
struct ReceiverSlotTests {
    @Test("a cancellation takes its own task out and no other, and each task leaves once")
    func takes() async throws {
        var slot = ReceiverSlot()
        let first = slot.makeTicket()
        let second = slot.makeTicket()
        #expect(!slot.isTaken)
        let message = try await withUnsafeThrowingContinuation { continuation in
            slot.put(continuation, ticket: second)
            #expect(slot.take(ticket: first).map { _ in true } == nil)
            #expect(slot.isTaken)
            let waiting = slot.take(ticket: second)
            #expect(!slot.isTaken)
            #expect(slot.take().map { _ in true } == nil)
            waiting?.resume(returning: .text("hello"))
        }
        #expect(message?.text == "hello")
    }
}
