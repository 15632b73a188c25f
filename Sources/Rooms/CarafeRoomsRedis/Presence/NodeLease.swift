import CarafeRooms

/// The lease of this node, under whose name its claims stand in Redis.
///
/// A lease that has ended does not return: other nodes end the claims under its name, step by step. The node begins
/// another lease, and makes its claims again.
struct NodeLease: Sendable {
    private enum State {
        /// Redis does not know the lease yet. It replaces one that has ended, or is the first.
        case new(String, replacesAnother: Bool)
        case held(String)
    }

    private var state = State.new(RoomLine.makeEpoch(), replacesAnother: false)
    /// The term of the server that knows the lease.
    private var term: String?

    /// The name of the lease.
    var id: String {
        switch state {
        case .new(let id, _), .held(let id): id
        }
    }

    /// Whether Redis is to begin the lease, and not to renew it.
    var isNew: Bool { if case .new = state { true } else { false } }

    /// The commands go to a server in a term; in another one it may have lost claims, and ends of claims.
    mutating func connected(in term: String) {
        if let last = self.term, last != term { ended(id) }
        self.term = term
    }

    /// The lease of this name was begun or renewed.
    ///
    /// - Returns: Whether the claims have to be made again.
    mutating func renewed(_ id: String) -> Bool {
        guard case .new(id, let replacesAnother) = state else { return false }
        state = .held(id)
        return replacesAnother
    }

    /// The lease of this name has ended.
    mutating func ended(_ id: String) {
        guard case .held(id) = state else { return }
        state = .new(RoomLine.makeEpoch(), replacesAnother: true)
    }
}
