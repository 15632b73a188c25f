package import NIOCore

/// Runs tasks on an event loop, so that a handler and its connection share one thread: no hop, no lock.
// Unchecked: `ready`, `drains` and `tickMembers` are touched on the event loop only.
package final class EventLoopExecutor: TaskExecutor, @unchecked Sendable {
    package let eventLoop: any EventLoop
    private let jobsInTurn: Int
    // Exclusivity is not checked at run time, for each message: a job that is run may make others ready, but runs none.
    @exclusivity(unchecked) private var ready: [UnownedJob] = []
    private var drains = false
    private var tickMembers: [any EventLoopTickMember] = []

    /// - Parameter jobsInTurn: How many jobs run before the loop looks at its sockets and timers again, so that a task
    ///   that only yields does not keep it from them. `Int.max` suits virtual time, where a turn has an end by itself.
    package init(eventLoop: any EventLoop, jobsInTurn: Int = 10_000) {
        self.eventLoop = eventLoop
        self.jobsInTurn = jobsInTurn
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard eventLoop.inEventLoop else {
            eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
            return
        }
        ready.append(job)
        if !drains {
            drains = true
            eventLoop.execute { self.drain() }
        }
    }

    /// Does `body`, then runs the tasks that it made ready, in this turn of the loop; call it on the loop only.
    package func turn(_ body: () -> Void) {
        eventLoop.preconditionInEventLoop()
        guard !drains else { return body() }
        drains = true
        body()
        drain()
    }

    /// Does `body` on the event loop, at once when that is where the caller is.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        if eventLoop.inEventLoop { return try await body() }
        let task = Task(executorPreference: self, operation: body)
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Calls the member when all that has arrived in this tick of the loop was looked at; call it on the loop only, and
    /// once in a tick.
    package func callAtEndOfTick(_ member: any EventLoopTickMember) {
        tickMembers.append(member)
        // SwiftNIO runs its tasks when the sockets of the tick are done.
        if tickMembers.count == 1 { eventLoop.execute { self.endTick() } }
    }

    private func endTick() {
        let members = tickMembers
        tickMembers = []
        for member in members { member.endTick() }
    }

    private func drain() {
        var next = 0
        while next < ready.count, next < jobsInTurn {
            ready[next].runSynchronously(on: asUnownedTaskExecutor())
            next += 1
        }
        guard next < ready.count else {
            ready.removeAll(keepingCapacity: true)
            drains = false
            return
        }
        ready.removeFirst(next)
        afterSockets { self.drain() }
    }

    /// SwiftNIO runs what is due before it looks at its sockets: what shall come after them must be due a little later.
    private func afterSockets(_ body: @escaping @Sendable () -> Void) {
        eventLoop.scheduleTask(in: .microseconds(50), body)
    }

    /// Lets the loop look at its sockets and timers, for whoever has much to do in portions; on virtual time it returns at
    /// once. Call it on the loop only.
    package func letOthersRun() async {
        guard jobsInTurn < .max else { return }
        // Unsafe: the one closure resumes it, once.
        await withUnsafeContinuation { continuation in
            afterSockets { self.turn { continuation.resume() } }
        }
    }
}
