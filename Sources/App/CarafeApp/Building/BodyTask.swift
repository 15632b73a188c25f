import CarafeHTTP
import CarafeRuntime
import Synchronization

/// The task that produces a streamed body. It is created together with the response.
///
/// A task inherits the task-local values that are bound where it is created. So the body sees the values that a
/// middleware has bound around `next`, although it is sent after `next` has returned.
final class BodyTask: Sendable {
    private typealias Work = @Sendable () async -> Void

    /// A gate at which the task waits for its work.
    private final class Gate: Sendable {
        private let waiting = Mutex<CheckedContinuation<Work?, Never>?>(nil)

        func wait() async -> Work? {
            await withCheckedContinuation { continuation in waiting.withLock { $0 = continuation } }
        }

        func take() -> CheckedContinuation<Work?, Never>? {
            waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
        }
    }

    private let gate = Gate()
    private let task: Task<Void, Never>

    init(on executor: EventLoopExecutor) {
        // Immediate: the task is waiting at the gate when this returns.
        task = Task.immediate(executorPreference: executor) { [gate] in await gate.wait()?() }
    }

    // A body that is never sent, as for HEAD, ends its task here.
    deinit { gate.take()?.resume(returning: nil) }

    /// Runs a closure in the task, which is cancelled together with the caller's task. A second closure runs in the
    /// caller's task.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        guard let start = gate.take() else { return try await body() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { done in
                start.resume {
                    do {
                        try await body()
                        done.resume()
                    } catch {
                        done.resume(throwing: error)
                    }
                }
            }
        } onCancel: {
            task.cancel()
        }
    }
}

extension Response {
    /// Makes the body stream with the task-local values that are bound here.
    mutating func bindBody(on executor: EventLoopExecutor) {
        guard case .stream(let produce) = body else { return }
        let task = BodyTask(on: executor)
        body = .stream { writer in try await task.run { try await produce(writer) } }
    }
}
