import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import CarafeHTTP

@Suite struct EventLoopExecutorTests {
    private let loop = NIOAsyncTestingEventLoop()

    @Test func aTaskRunsOnTheLoopAfterEachSuspensionToo() async throws {
        let executor = EventLoopExecutor(eventLoop: loop)
        let task = Task(executorPreference: executor) { [loop] in
            let first = loop.inEventLoop
            await Task.yield()
            return [first, loop.inEventLoop]
        }
        await loop.run()
        #expect(await task.value == [true, true])
    }

    @Test func aTaskMadeOnTheLoopWaitsForItsNextTurn() async throws {
        let executor = EventLoopExecutor(eventLoop: loop)
        let order = Record()
        let task = try await loop.executeInContext {
            let task = Task(executorPreference: executor) { order.add("task") }
            order.add("test")
            return task
        }
        #expect(order.lines == ["test"])
        await loop.run()
        await task.value
        #expect(order.lines == ["test", "task"])
    }

    @Test func tasksThatBecomeReadyInATurnRunBeforeItEnds() async throws {
        let executor = EventLoopExecutor(eventLoop: loop)
        let order = Record()
        try await loop.executeInContext {
            executor.turn {
                for name in ["a", "b"] {
                    Task(executorPreference: executor) {
                        order.add(name)
                        await Task.yield()
                        order.add(name + " again")
                    }
                }
                order.add("turn")
            }
            order.add("after")
        }
        #expect(order.lines == ["turn", "a", "b", "a again", "b again", "after"])
    }

    @Test func aTaskThatOnlyYieldsLeavesTheRestOfItToALaterTurn() async throws {
        let executor = EventLoopExecutor(eventLoop: loop, jobsInTurn: 10)
        let order = Record()
        try await loop.executeInContext {
            executor.turn {
                _ = Task(executorPreference: executor) {
                    for _ in 1...100 {
                        order.add("again")
                        await Task.yield()
                    }
                }
            }
        }
        #expect((1...10).contains(order.lines.count))
        for _ in 1...100 { await loop.advanceTime(by: .microseconds(50)) }
        #expect(order.lines.count == 100)
    }

    @Test func aTurnInsideATurnLeavesTheTasksToTheOuterOne() async throws {
        let executor = EventLoopExecutor(eventLoop: loop)
        let order = Record()
        try await loop.executeInContext {
            executor.turn {
                executor.turn { _ = Task(executorPreference: executor) { order.add("task") } }
                order.add("outer")
            }
        }
        #expect(order.lines == ["outer", "task"])
    }

    @Test func theEndOfATickComesOnceForEachMember() async throws {
        let executor = EventLoopExecutor(eventLoop: loop)
        let order = Record()
        let members = ["a", "b"].map { name in TickMember { order.add(name) } }
        try await loop.executeInContext {
            for member in members { executor.callAtEndOfTick(member) }
            order.add("tick")
        }
        await loop.run()
        #expect(order.lines == ["tick", "a", "b"])
        try await loop.executeInContext { executor.callAtEndOfTick(members[0]) }
        await loop.run()
        #expect(order.lines == ["tick", "a", "b", "a"])
    }

    @Test func aMemberMayAskAgainAtTheEndOfATick() async throws {
        let executor = EventLoopExecutor(eventLoop: loop)
        let order = Record()
        let again = TickMember { order.add("again") }
        let first = TickMember { executor.callAtEndOfTick(again) }
        try await loop.executeInContext { executor.callAtEndOfTick(first) }
        await loop.run()
        #expect(order.lines == ["again"])
    }

    @Test func runGivesTheValueAndTheErrorOfItsBody() async throws {
        let executor = EventLoopExecutor(eventLoop: loop)
        let work = Task { [loop] in try await executor.run { loop.inEventLoop } }
        let failing = Task { try await executor.run { throw CancellationError() } }
        let running = Task { [loop] in
            while !Task.isCancelled { await loop.run() }
        }
        #expect(try await work.value)
        await #expect(throws: CancellationError.self) { try await failing.value }
        running.cancel()
    }
}

private final class TickMember: EventLoopTickMember, Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    func endTick() { body() }
}

/// What happened, in order.
private final class Record: Sendable {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock { $0 } }

    func add(_ line: String) { all.withLock { $0.append(line) } }
}
