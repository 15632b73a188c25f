import NIOCore
import Synchronization
import Testing

@testable import CarafeRuntime

private struct Broken: Error {}

extension Arrival: ExpressibleByIntegerLiteral {
    fileprivate init(_ number: Int) { self.init(ByteBuffer(integer: number)) }

    public init(integerLiteral number: Int) { self.init(number) }
}

@Suite(.timeLimit(.minutes(10))) struct InboxTests {
    private let demands = Counter()

    private func makeInbox(limit: Int = 10) -> Inbox {
        Inbox(limit: limit) { [demands] in demands.count.withLock { $0 += 1 } }
    }

    @Test("keeps the order") func keepsTheOrder() async throws {
        let inbox = makeInbox(limit: 1000)
        for number in 0..<200 { #expect(inbox.push(Arrival(number), cost: 1)) }
        for number in 0..<200 { #expect(try await inbox.next() == Arrival(number)) }
    }

    @Test("keeps the order while both sides work") func keepsTheOrderWhile() async throws {
        let inbox = makeInbox(limit: 1)
        let reader = Task { () -> [Arrival] in
            var all: [Arrival] = []
            while let number = try await inbox.next() { all.append(number) }
            return all
        }
        for number in 0..<1000 { _ = inbox.push(Arrival(number), cost: 1) }
        inbox.finish()
        #expect(try await reader.value == (0..<1000).map { Arrival($0) })
    }

    @Test("asks for a pause at its limit") func asksForAPause() async throws {
        let inbox = makeInbox(limit: 10)
        #expect(inbox.push(1, cost: 4))
        #expect(inbox.push(2, cost: 5))
        #expect(!inbox.push(3, cost: 1))
        #expect(demands.value == 0)
    }

    @Test("asks for more when the queue has space again") func asksForMore() async throws {
        let inbox = makeInbox(limit: 10)
        _ = inbox.push(1, cost: 4)
        _ = inbox.push(2, cost: 40)
        #expect(try await inbox.next() == 1)
        #expect(demands.value == 0, "40 still wait")
        #expect(try await inbox.next() == 2)
        #expect(demands.value == 1)
        #expect(inbox.push(3, cost: 1))
    }

    @Test("asks for more when the consumer waits") func asksForMoreWhenSomebody() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let inbox = Inbox(limit: 1) { ask.yield() }
        let reader = Task { try await inbox.next() }
        for await _ in asked { break }
        #expect(inbox.push(7, cost: 100), "an element that is handed over at once does not wait")
        #expect(try await reader.value == 7)
    }

    @Test("hands out the queued elements before the end") func handsOutWhatWaits() async throws {
        let inbox = makeInbox()
        _ = inbox.push(1, cost: 1)
        inbox.finish()
        #expect(inbox.push(2, cost: 1), "after the end nothing is taken and nothing pauses")
        #expect(try await inbox.next() == 1)
        #expect(try await inbox.next() == nil)
        #expect(try await inbox.next() == nil)
    }

    @Test("hands out the queued elements before the error") func handsOutWhatWaitsBefore() async throws {
        let inbox = makeInbox()
        _ = inbox.push(1, cost: 1)
        inbox.finish(throwing: Broken())
        inbox.finish()
        #expect(try await inbox.next() == 1)
        await #expect(throws: Broken.self) { try await inbox.next() }
        await #expect(throws: Broken.self) { try await inbox.next() }
    }

    @Test("the end resumes the waiting consumer", arguments: [true, false]) func endWakesWhoever(fails: Bool)
        async throws
    {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let inbox = Inbox(limit: 1) { ask.yield() }
        let reader = Task { try await inbox.next() }
        for await _ in asked { break }
        inbox.finish(throwing: fails ? Broken() : nil)
        if fails {
            await #expect(throws: Broken.self) { try await reader.value }
        } else {
            #expect(try await reader.value == nil)
        }
    }

    @Test("cancellation ends the wait") func cancellationEndsTheWait() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let inbox = Inbox(limit: 1) { ask.yield() }
        let reader = Task { try await inbox.next() }
        for await _ in asked { break }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        #expect(inbox.push(1, cost: 0), "nobody waits any more, so it is kept")
        #expect(try await inbox.next() == 1)
    }

    @Test("a consumer that is cancelled already does not wait") func whoeverIsCancelledAlready() async throws {
        let inbox = makeInbox()
        let reader = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await inbox.next()
        }
        await #expect(throws: CancellationError.self) { try await reader.value }
    }

    @Test("no cancellation is missed, whenever it comes") func noCancellationIsMissed() async throws {
        for _ in 0..<2000 {
            let inbox = makeInbox()
            let reader = Task { try await inbox.next() }
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
        }
    }
}

private final class Counter: Sendable {
    let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
}
