import NIOCore
import Synchronization
import Testing

@testable import CarafeRuntime

private struct Broken: Error {}

/// A piece of some bytes, each of which is the number.
private func piece(_ number: Int, count: Int = 1) -> ByteBuffer {
    ByteBuffer(repeating: UInt8(truncatingIfNeeded: number), count: count)
}

@Suite(.timeLimit(.minutes(10))) struct BodyQueueTests {
    private let demands = Counter()

    private func makeQueue(limit: Int = 10) -> BodyQueue {
        BodyQueue(limit: limit) { [demands] in demands.count.withLock { $0 += 1 } }
    }

    @Test("keeps the order") func keepsTheOrder() async throws {
        let queue = makeQueue(limit: 1000)
        for number in 0..<200 { #expect(queue.push(piece(number))) }
        for number in 0..<200 { #expect(try await queue.next() == piece(number)) }
    }

    @Test("keeps the order while both sides work") func keepsTheOrderWhile() async throws {
        let queue = makeQueue(limit: 1)
        let reader = Task { () -> [ByteBuffer] in
            var all: [ByteBuffer] = []
            while let next = try await queue.next() { all.append(next) }
            return all
        }
        for number in 0..<1000 { _ = queue.push(piece(number)) }
        queue.finish()
        #expect(try await reader.value == (0..<1000).map { piece($0) })
    }

    @Test("asks for a pause at its limit") func asksForAPause() async throws {
        let queue = makeQueue(limit: 10)
        #expect(queue.push(piece(1, count: 4)))
        #expect(queue.push(piece(2, count: 5)))
        #expect(!queue.push(piece(3)))
        #expect(demands.value == 0)
    }

    @Test("asks for more when the queue has space again") func asksForMore() async throws {
        let queue = makeQueue(limit: 10)
        _ = queue.push(piece(1, count: 4))
        _ = queue.push(piece(2, count: 40))
        #expect(try await queue.next() == piece(1, count: 4))
        #expect(demands.value == 0, "40 still wait")
        #expect(try await queue.next() == piece(2, count: 40))
        #expect(demands.value == 1)
        #expect(queue.push(piece(3)))
    }

    @Test("asks for more when the consumer waits") func asksForMoreWhenSomebody() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let queue = BodyQueue(limit: 1) { ask.yield() }
        let reader = Task { try await queue.next() }
        for await _ in asked { break }
        #expect(queue.push(piece(7, count: 100)), "a piece that is handed over at once does not wait")
        #expect(try await reader.value == piece(7, count: 100))
    }

    @Test("hands out the queued pieces before the end") func handsOutQueuedPieces() async throws {
        let queue = makeQueue()
        _ = queue.push(piece(1))
        queue.finish()
        #expect(queue.push(piece(2)), "after the end nothing is taken and nothing pauses")
        #expect(try await queue.next() == piece(1))
        #expect(try await queue.next() == nil)
        #expect(try await queue.next() == nil)
    }

    @Test("hands out the queued pieces before the error") func handsOutQueuedPiecesCase() async throws {
        let queue = makeQueue()
        _ = queue.push(piece(1))
        queue.finish(throwing: Broken())
        queue.finish()
        #expect(try await queue.next() == piece(1))
        await #expect(throws: Broken.self) { try await queue.next() }
        await #expect(throws: Broken.self) { try await queue.next() }
    }

    @Test("the end resumes the waiting consumer", arguments: [true, false]) func endResumesWaitingConsumer(fails: Bool)
        async throws
    {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let queue = BodyQueue(limit: 1) { ask.yield() }
        let reader = Task { try await queue.next() }
        for await _ in asked { break }
        queue.finish(throwing: fails ? Broken() : nil)
        if fails {
            await #expect(throws: Broken.self) { try await reader.value }
        } else {
            #expect(try await reader.value == nil)
        }
    }

    @Test("cancellation ends the wait") func cancellationEndsTheWait() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let queue = BodyQueue(limit: 1) { ask.yield() }
        let reader = Task { try await queue.next() }
        for await _ in asked { break }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        #expect(queue.push(piece(1, count: 0)), "nobody waits any more, so it is kept")
        #expect(try await queue.next() == piece(1, count: 0))
    }

    @Test("a consumer that is cancelled already does not wait") func consumerCancelledAlreadyDoes() async throws {
        let queue = makeQueue()
        let reader = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await queue.next()
        }
        await #expect(throws: CancellationError.self) { try await reader.value }
    }

    @Test("no cancellation is missed, whenever it comes") func noCancellationIsMissed() async throws {
        for _ in 0..<2000 {
            let queue = makeQueue()
            let reader = Task { try await queue.next() }
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
        }
    }
}

private final class Counter: Sendable {
    let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
}
