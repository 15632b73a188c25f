import CarafeHTTP
import Synchronization

/// The task in which a streamed body is made when it is sent, begun where its response was.
///
/// A task has the task-local values that are bound where it begins, so the body sees those that a middleware has bound
/// around `next`, which has returned long before.
final class BodyTask: Sendable {
    private typealias Work = @Sendable () async -> Void

    /// Where the task waits for its work.
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
        // Immediate: it is at the gate when this returns.
        task = Task.immediate(executorPreference: executor) { [gate] in await gate.wait()?() }
    }

    // A body that nobody sends, as for HEAD, is let go without having been made.
    deinit { gate.take()?.resume(returning: nil) }

    /// Runs a closure in the task, and is cancelled with the caller's; a second one runs in the caller's task.
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
    /// Has a streamed body made with the task-local values that are bound here.
    mutating func bindBody(on executor: EventLoopExecutor) {
        guard case .stream(let produce) = body else { return }
        let task = BodyTask(on: executor)
        body = .stream { writer in try await task.run { try await produce(writer) } }
    }
}
