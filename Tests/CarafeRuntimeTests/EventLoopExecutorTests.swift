import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport
import Testing

@testable import CarafeRuntime

@Suite(.timeLimit(.minutes(10))) struct EventLoopExecutorTests {
    private let loop = NIOAsyncTestingEventLoop()

    @Test("a task runs on the loop after each suspension too") func taskRuns() async throws {
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
        let task = Task(executorPreference: executor) { [loop] in
            let first = loop.inEventLoop
            await Task.yield()
            return [first, loop.inEventLoop]
        }
        await loop.run()
        #expect(await task.value == [true, true])
    }

    @Test("a task made on the loop waits for its next turn") func taskMade() async throws {
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
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

    @Test("tasks that become ready in a turn run before it ends") func tasksThatBecomeReady() async throws {
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
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

    @Test("a task that goes on without an end leaves the rest of it to later turns", arguments: Way.allCases)
    fileprivate func turnIsOver(_ way: Way) async throws {
        let clock = ManualClock()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime { clock.now })
        let order = Record()
        let task = try await loop.executeInContext { [loop] in
            Task(executorPreference: executor) {
                for _ in 1...100 {
                    clock.advance(by: .milliseconds(1))
                    order.add("again")
                    switch way {
                    case .yield: await Task.yield()
                    case .loop: try await loop.submit {}.get()
                    case .step: if executor.isTurnOverAfterStep { await Task.yield() }
                    case .child: await Task(executorPreference: executor) {}.value
                    }
                }
            }
        }
        await loop.run()
        #expect((1...4).contains(order.lines.count))
        for _ in 1...50 {
            let before = order.lines.count
            await loop.advanceTime(by: EventLoopExecutor.pause)
            #expect(order.lines.count - before <= 4)
        }
        for _ in 1...100 { await loop.advanceTime(by: EventLoopExecutor.pause) }
        try await task.value
        #expect(order.lines.count == 100)
    }

    fileprivate enum Way: CaseIterable {
        case yield, loop, step, child
    }

    @Test("while a turn is over, what a socket brings is done at once, and what it makes ready waits")
    func pause() async throws {
        let clock = ManualClock()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime { clock.now })
        let order = Record()
        try await loop.executeInContext {
            executor.turn {
                for name in ["a", "b"] {
                    Task(executorPreference: executor) {
                        order.add(name)
                        _ = executor.isTurnOver
                        clock.advance(by: .milliseconds(10))
                    }
                }
            }
            executor.turn {
                Task(executorPreference: executor) { order.add("c") }
                order.add("socket")
            }
        }
        #expect(order.lines == ["a", "socket"])
        await loop.advanceTime(by: EventLoopExecutor.pause)
        #expect(order.lines == ["a", "socket", "b"])
        await loop.advanceTime(by: EventLoopExecutor.pause)
        #expect(order.lines == ["a", "socket", "b", "c"])
    }

    @Test("a turn inside a turn leaves the tasks to the outer one") func turnInside() async throws {
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
        let order = Record()
        try await loop.executeInContext {
            executor.turn {
                executor.turn { _ = Task(executorPreference: executor) { order.add("task") } }
                order.add("outer")
            }
        }
        #expect(order.lines == ["outer", "task"])
    }

    @Test("the end of a tick comes once for each member") func theEnd() async throws {
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
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

    @Test("a member may ask again at the end of a tick") func memberMayAsk() async throws {
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
        let order = Record()
        let again = TickMember { order.add("again") }
        let first = TickMember { executor.callAtEndOfTick(again) }
        try await loop.executeInContext { executor.callAtEndOfTick(first) }
        await loop.run()
        #expect(order.lines == ["again"])
    }

    @Test("run returns the value, or throws the error, of its body") func runGivesTheValue() async throws {
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
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

private final class TickMember: TickObserver, Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    func tickEnded() { body() }
}

/// The events, in order.
private final class Record: Sendable {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock { $0 } }

    func add(_ line: String) { all.withLock { $0.append(line) } }
}
