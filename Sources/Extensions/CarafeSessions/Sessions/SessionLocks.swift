import CarafeRuntime
import Synchronization

/// A lock for each session id, under which one task at a time reads and writes the session.
final class SessionLocks: Sendable {
    private struct Entry {
        let mutex = AsyncMutex()
        /// The tasks that hold the lock or wait for it.
        var users = 0
    }

    /// The locks of the ids that are in use.
    private let entries = Mutex<[String: Entry]>([:])

    var count: Int { entries.withLock { $0.count } }

    func withLock<Value>(of id: String, _ body: () async throws -> Value) async rethrows -> Value {
        let mutex = enter(id)
        defer { leave(id) }
        return try await mutex.withLock(body)
    }

    private func enter(_ id: String) -> AsyncMutex {
        entries.withLock { entries in
            var entry = entries[id] ?? Entry()
            entry.users += 1
            entries[id] = entry
            return entry.mutex
        }
    }

    private func leave(_ id: String) {
        entries.withLock { entries in
            entries[id]?.users -= 1
            if entries[id]?.users == 0 { entries[id] = nil }
        }
    }
}
