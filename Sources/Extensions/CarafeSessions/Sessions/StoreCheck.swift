import CarafeRuntime
import NIOCore
import Synchronization

/// Ends the open sessions that another process has removed from the store.
final class StoreCheck: Sendable {
    private static let interval = TimeAmount.seconds(5)

    private let store: any SessionStore
    private let sessions: OpenSessions
    private let isChecking = Atomic<Bool>(false)

    init(_ store: any SessionStore, _ sessions: OpenSessions) {
        self.store = store
        self.sessions = sessions
    }

    /// Checks at intervals, for as long as this lives; a second call does nothing.
    ///
    /// It goes on without open sessions: a request may have called this before, and open its session later.
    func keepChecking(on executor: EventLoopExecutor) {
        guard !isChecking.exchange(true, ordering: .relaxed) else { return }
        checkLater(on: executor)
    }

    private func checkLater(on executor: EventLoopExecutor) {
        executor.eventLoop.scheduleTask(in: Self.interval) { [weak self] in
            guard let self else { return }
            let ids = sessions.stored
            if ids.isEmpty { return checkLater(on: executor) }
            Task.immediate(executorPreference: executor) { [self] in
                // Without an answer the next check finds them.
                let missing = (try? await store.missing(among: ids)) ?? []
                for id in missing { sessions.end(id) }
                checkLater(on: executor)
            }
        }
    }
}
