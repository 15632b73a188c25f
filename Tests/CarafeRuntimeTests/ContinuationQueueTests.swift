import CarafeRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ContinuationQueueTests {
    private final class Line: Sendable {
        let queue = Mutex(ContinuationQueue<Never>())
        let resumed = Mutex<[UInt64]>([])

        /// Lets a task wait, and returns when it does.
        func wait() async -> (ticket: UInt64, task: Task<Void, Never>) {
            let ticket = queue.withLock { $0.makeTicket() }
            let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                await withUnsafeContinuation { continuation in
                    queue.withLock { $0.add(continuation, ticket: ticket) }
                    beginning.finish()
                }
                resumed.withLock { $0.append(ticket) }
            }
            for await _ in begun {}
            return (ticket, task)
        }
    }

    @Test("a ticket leaves once, and nobody else with it")
    func remove() async {
        let line = Line()
        let (first, second) = (await line.wait(), await line.wait())
        line.queue.withLock { $0.remove(ticket: first.ticket) }?.resume()
        await first.task.value
        #expect(line.resumed.withLock { $0 } == [first.ticket])
        #expect(line.queue.withLock { $0.remove(ticket: first.ticket) == nil && !$0.isEmpty })
        line.queue.withLock { $0.remove(ticket: second.ticket) }?.resume()
        await second.task.value
        #expect(line.queue.withLock { $0.isEmpty })
    }

    @Test("all leave together, and the queue is empty after them")
    func removeAll() async {
        let line = Line()
        let waiting = [await line.wait(), await line.wait(), await line.wait()]
        let all = line.queue.withLock { $0.removeAll() }
        #expect(all.count == 3 && line.queue.withLock { $0.isEmpty && $0.removeAll().isEmpty })
        for continuation in all { continuation.resume() }
        for (_, task) in waiting { await task.value }
        #expect(line.resumed.withLock { Set($0) } == Set(waiting.map(\.ticket)))
    }

    @Test("each ticket is another")
    func tickets() {
        var queue = ContinuationQueue<Never>()
        let tickets = [queue.makeTicket(), queue.makeTicket()]
        #expect(tickets[0] < tickets[1])
        #expect(queue.remove(ticket: tickets[0]) == nil)
    }

    @Test("a task that may fail leaves the queue once, by its ticket or with all others")
    func failing() async throws {
        var queue = ContinuationQueue<any Error>()
        let first = queue.makeTicket()
        let second = queue.makeTicket()
        #expect(first != second)
        #expect(queue.remove(ticket: first).map { _ in true } == nil)
        await #expect(throws: CancellationError.self) {
            try await withUnsafeThrowingContinuation { continuation in
                queue.add(continuation, ticket: first)
                #expect(queue.remove(ticket: second).map { _ in true } == nil)
                let removed = queue.remove(ticket: first)
                #expect(queue.remove(ticket: first).map { _ in true } == nil)
                removed?.resume(throwing: CancellationError())
            }
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
