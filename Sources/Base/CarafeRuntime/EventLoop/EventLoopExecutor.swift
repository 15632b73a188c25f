package import NIOCore

/// Runs tasks on an event loop, so that a handler and its connection share one thread: no hop, no lock.
///
/// **Fairness.** While a task runs, the loop polls neither sockets nor timers, and an `await` that does not suspend
/// does not change that. So a turn of the loop has a time limit. Tasks that are ready wait for the next turn when the
/// present one is over, and each call that lets a handler continue without a suspension (a write to a writable channel,
/// a message that is at hand, the next of many requests) asks `isTurnOver` and then yields to this executor.
// Unchecked: all variables are touched on the event loop only.
package final class EventLoopExecutor: TaskExecutor, @unchecked Sendable {
    package let eventLoop: any EventLoop
    // "Frames of waiting tasks": no call that changes one of these leads back to it. A job may make others ready, but
    // runs none.
    @exclusivity(unchecked) private var ready: [UnownedJob] = []
    @exclusivity(unchecked) private var turnTime: TurnTime
    /// The number of steps that the present job has taken without a suspension.
    @exclusivity(unchecked) private var steps = 0
    /// Whether a turn runs, or one is scheduled that runs the jobs in `ready`.
    @exclusivity(unchecked) private var isDraining = false
    private var tickMembers: [any TickObserver] = []

    /// - Parameter turnTime: The limit of a turn; none where the loop's time is virtual, since the timer that begins
    ///   the next turn would never fire there.
    package init(eventLoop: any EventLoop, turnTime: TurnTime) {
        self.eventLoop = eventLoop
        self.turnTime = turnTime
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.append(job) } }
        ready.append(job)
        if !isDraining {
            isDraining = true
            eventLoop.execute { self.drain(looksFirst: true) }
        }
    }

    /// Adds a job that another thread has made ready.
    private func append(_ job: UnownedJob) {
        ready.append(job)
        guard !isDraining else { return }
        isDraining = true
        drain(looksFirst: true)
    }

    /// Runs `body`, and then the tasks that it has made ready, in this turn of the loop.
    ///
    /// - Precondition: The caller is on the event loop.
    package func turn(_ body: () -> Void) {
        eventLoop.preconditionInEventLoop()
        guard !isDraining else { return body() }
        isDraining = true
        steps = 0
        body()
        drain(looksFirst: turnTime.isRunning, afterEvent: true)
    }

    /// Runs `body` on the event loop: at once if the caller is there, else in a task that is cancelled with the
    /// caller's.
    ///
    /// - Returns: The result of `body`.
    /// - Throws: The error of `body`.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        if eventLoop.inEventLoop { return try await body() }
        let task = Task(executorPreference: self, operation: body)
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    // MARK: The end of a tick

    /// Calls the member when all sockets that are ready in this tick of the loop have been read.
    ///
    /// - Precondition: The caller is on the event loop, and calls this once in a tick.
    package func callAtEndOfTick(_ member: any TickObserver) {
        tickMembers.append(member)
        // SwiftNIO runs its tasks when the sockets of the tick are done.
        if tickMembers.count == 1 { eventLoop.execute { self.endTick() } }
    }

    private func endTick() {
        let members = tickMembers
        tickMembers = []
        for member in members { member.tickEnded() }
    }

    // MARK: Fairness

    /// Whether the loop has to poll its sockets and timers first, so that a task has to yield. On the loop only.
    package var isTurnOver: Bool { turnTime.isOver() }

    /// Whether the turn is over, after a step that costs little more than a look at the clock: every second step looks.
    package var isTurnOverAfterStep: Bool {
        steps &+= 1
        return steps & 1 == 0 && turnTime.isOver()
    }

    /// Whether the caller runs in a turn, at whose end the tick ends.
    package var isInTurn: Bool { isDraining }

    /// - Parameter looksFirst: Whether to read the clock before the first job. Jobs that a socket's event makes ready
    ///   need no reading; jobs from the loop's own queue may have kept it from its sockets for long.
    private func drain(looksFirst: Bool, afterEvent: Bool = false) {
        var next = 0
        while next < ready.count {
            if looksFirst || next > 0, turnTime.isOver(afterEvent: afterEvent && next == 0) { break }
            steps = 0
            ready[next].runSynchronously(on: asUnownedTaskExecutor())
            next += 1
        }
        guard next < ready.count else {
            ready.removeAll(keepingCapacity: true)
            isDraining = false
            return
        }
        ready.removeFirst(next)
        afterSockets {
            self.turnTime.begin()
            self.drain(looksFirst: false)
        }
    }

    /// Runs `body` after the sockets. SwiftNIO runs the timers that are due first, so this one is due a little later.
    private func afterSockets(_ body: @escaping @Sendable () -> Void) {
        eventLoop.scheduleTask(in: Self.pause, body)
    }

    #if RACE_TEST
        // Under ThreadSanitizer SwiftNIO needs longer than 50 µs to find the timers that are due.
        package static let pause = TimeAmount.milliseconds(5)
    #else
        package static let pause = TimeAmount.microseconds(50)
    #endif
}
