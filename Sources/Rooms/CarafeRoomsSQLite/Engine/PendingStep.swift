import CarafeRooms
import Synchronization

/// One call of the engine that waits to be committed.
final class PendingStep: Sendable {
    private enum State {
        case waiting(UnsafeContinuation<Void, any Error>)
        /// The caller has its answer.
        case ended
    }

    /// Takes the step in a transaction, and keeps its result for the caller.
    let take: @Sendable (RoomTransaction) throws -> Void
    // Unsafe: the continuation leaves `state` once, under the lock, and is then resumed.
    private let state: Mutex<State>

    init(
        _ continuation: UnsafeContinuation<Void, any Error>,
        _ take: @escaping @Sendable (RoomTransaction) throws -> Void
    ) {
        self.take = take
        state = Mutex(.waiting(continuation))
    }

    /// Whether the caller still waits.
    var isWaiting: Bool {
        state.withLock { if case .waiting = $0 { true } else { false } }
    }

    /// Returns to the caller, unless it has returned.
    func end(_ result: Result<Void, any Error>) {
        let continuation = state.withLock { state -> UnsafeContinuation<Void, any Error>? in
            guard case .waiting(let continuation) = state else { return nil }
            state = .ended
            return continuation
        }
        continuation?.resume(with: result)
    }
}
