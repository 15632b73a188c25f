import Testing

@testable import CarafeWebSocketTransport

@Suite("SendQueue", .timeLimit(.minutes(10)))
struct SendQueueTests {
    @Test("a task leaves the queue once, by its ticket or with all others")
    func leavesOnce() async throws {
        var queue = SendQueue()
        let first = queue.makeTicket()
        let second = queue.makeTicket()
        #expect(first != second)
        #expect(queue.remove(ticket: first).map { _ in true } == nil)
        try await withUnsafeThrowingContinuation { continuation in
            queue.add(continuation, ticket: first)
            #expect(queue.remove(ticket: second).map { _ in true } == nil)
            let removed = queue.remove(ticket: first)
            #expect(removed.map { _ in true } == true)
            #expect(queue.remove(ticket: first).map { _ in true } == nil)
            removed?.resume()
        }
        try await withUnsafeThrowingContinuation { continuation in
            queue.add(continuation, ticket: second)
            let all = queue.removeAll()
            #expect(all.count == 1)
            #expect(queue.removeAll().isEmpty)
            for waiting in all { waiting.resume() }
        }
    }
}
