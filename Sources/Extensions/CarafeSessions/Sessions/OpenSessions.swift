import CarafeHTTP
import Synchronization

/// The sessions that requests of this process have open. The end of a session ends their admissions.
///
/// A request enters before it loads the session. So a logout that the load does not see finds the request here.
final class OpenSessions: Sendable {
    /// The entry of one request. It leaves when it is deallocated, with the request, its socket or its stream.
    final class Entry: Sendable {
        let admission = Admission()
        private let sessions: OpenSessions

        init(in sessions: OpenSessions) {
            self.sessions = sessions
        }

        deinit { sessions.leave(self) }
    }

    private struct WeakEntry {
        weak var entry: Entry?
    }

    private struct State {
        /// The entries by session id.
        var entries: [String: [ObjectIdentifier: WeakEntry]] = [:]
        /// The session id of each entry.
        var ids: [ObjectIdentifier: String] = [:]
        /// The ids that the store has had.
        var stored: Set<String> = []

        mutating func leave(_ entry: ObjectIdentifier) {
            guard let id = ids.removeValue(forKey: entry) else { return }
            entries[id]?[entry] = nil
            guard entries[id]?.isEmpty == true else { return }
            entries[id] = nil
            stored.remove(id)
        }
    }

    private let state = Mutex(State())

    /// Adds an entry to a session, and removes it from its previous one.
    func enter(_ entry: Entry, _ id: String) {
        state.withLock { state in
            state.leave(ObjectIdentifier(entry))
            state.ids[ObjectIdentifier(entry)] = id
            state.entries[id, default: [:]][ObjectIdentifier(entry)] = WeakEntry(entry: entry)
        }
    }

    private func leave(_ entry: Entry) {
        state.withLock { $0.leave(ObjectIdentifier(entry)) }
    }

    /// Notes that the store has a session.
    func noteStored(_ id: String) {
        state.withLock { state in
            if state.entries[id] != nil { state.stored.insert(id) }
        }
    }

    /// The open sessions that the store has had.
    var stored: [String] { state.withLock { Array($0.stored) } }

    /// Moves all entries of a session to its new id.
    func move(_ old: String, to new: String) {
        state.withLock { state in
            guard let moved = state.entries.removeValue(forKey: old) else { return }
            for entry in moved.keys { state.ids[entry] = new }
            state.entries[new, default: [:]].merge(moved) { $1 }
            if state.stored.remove(old) != nil { state.stored.insert(new) }
        }
    }

    /// Ends the admissions of all entries of a session.
    func end(_ id: String) {
        let ended = state.withLock { state in
            let entries = state.entries.removeValue(forKey: id) ?? [:]
            for entry in entries.keys { state.ids[entry] = nil }
            state.stored.remove(id)
            return entries.values.compactMap(\.entry)
        }
        for entry in ended { entry.admission.end() }
    }

    /// The number of open sessions.
    var count: Int { state.withLock { $0.entries.count } }
}
