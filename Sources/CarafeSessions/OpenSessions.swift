import CarafeHTTP
import Synchronization

/// The sessions that requests have open in this process, so that with a session ends what was opened in it.
///
/// A request enters before it loads the session. So whoever ends the session after that finds it here.
final class OpenSessions: Sendable {
    /// One that a request holds; it leaves by itself when the request, its socket or its stream is gone.
    final class Entry: Sendable {
        let admission = Admission()
        private let sessions: OpenSessions

        init(in sessions: OpenSessions) {
            self.sessions = sessions
        }

        deinit { sessions.leave(self) }
    }

    private struct Guest {
        weak var entry: Entry?
    }

    private struct State {
        var guests: [String: [ObjectIdentifier: Guest]] = [:]
        /// The session that an entry is in.
        var ids: [ObjectIdentifier: String] = [:]

        mutating func leave(_ entry: ObjectIdentifier) {
            guard let id = ids.removeValue(forKey: entry) else { return }
            guests[id]?[entry] = nil
            if guests[id]?.isEmpty == true { guests[id] = nil }
        }
    }

    private let state = Mutex(State())

    /// Says in which session an entry is from now on.
    func enter(_ entry: Entry, _ id: String) {
        state.withLock { state in
            state.leave(ObjectIdentifier(entry))
            state.ids[ObjectIdentifier(entry)] = id
            state.guests[id, default: [:]][ObjectIdentifier(entry)] = Guest(entry: entry)
        }
    }

    private func leave(_ entry: Entry) {
        state.withLock { $0.leave(ObjectIdentifier(entry)) }
    }

    /// A session goes on under another id.
    func move(_ old: String, to new: String) {
        state.withLock { state in
            guard let guests = state.guests.removeValue(forKey: old) else { return }
            for entry in guests.keys { state.ids[entry] = new }
            state.guests[new, default: [:]].merge(guests) { $1 }
        }
    }

    /// A session is over.
    func end(_ id: String) {
        let entries = state.withLock { state in
            let guests = state.guests.removeValue(forKey: id) ?? [:]
            for entry in guests.keys { state.ids[entry] = nil }
            return guests.values.compactMap(\.entry)
        }
        for entry in entries { entry.admission.end() }
    }

    /// How many sessions requests have open.
    var count: Int { state.withLock { $0.guests.count } }
}
