import NIOCore

/// The members of a room, each with the number of its connections.
struct Roster: Sendable {
    private struct Person {
        var connections = 0
        /// The end of the grace; nil with a connection.
        var end: NIODeadline?
        /// Whether `look` will be called.
        var isWatched = false
        /// Whether the member leaves with its last connection, without a grace.
        var isRemoved = false
    }

    /// The result of the end of a connection.
    enum Outcome: Equatable {
        case stays
        /// The member may return; `look` is to be called after this time.
        case mayReturn(within: TimeAmount)
        case left
    }

    /// The time for which a member without a connection is still present; nil for none.
    let grace: TimeAmount?
    /// By the bytes of the name: to hash a text costs the square of its length in the worst case, and clients choose
    /// it.
    private var people: [[UInt8]: Person] = [:]

    init(grace: TimeAmount?) {
        self.grace = grace
    }

    func contains(_ name: [UInt8]) -> Bool { people[name] != nil }

    /// Returns whether the name leaves with its last connection.
    func isRemoved(_ name: [UInt8]) -> Bool { people[name]?.isRemoved ?? false }

    /// Returns whether the name has a connection, and so is not free.
    func isConnected(_ name: [UInt8]) -> Bool { (people[name]?.connections ?? 0) > 0 }

    /// The names.
    var names: some Collection<[UInt8]> { people.keys }

    var count: Int { people.count }

    /// Counts a connection; returns whether the member is new.
    mutating func connect(_ name: [UInt8]) -> Bool {
        let isNew = people[name] == nil
        people[name, default: Person()].connections += 1
        people[name]?.end = nil
        people[name]?.isRemoved = false
        return isNew
    }

    mutating func disconnect(_ name: [UInt8], at now: NIODeadline) -> Outcome {
        guard people[name] != nil else { return .stays }
        people[name]?.connections -= 1
        return release(name, at: now)
    }

    /// Removes a member without a grace: at once without a connection, and otherwise with its last.
    mutating func remove(_ name: [UInt8]) -> Outcome {
        guard people[name] != nil else { return .stays }
        people[name]?.isRemoved = true
        return release(name, at: .uptimeNanoseconds(0))
    }

    /// Begins the grace of a member without a connection.
    private mutating func release(_ name: [UInt8], at now: NIODeadline) -> Outcome {
        guard var person = people[name] else { return .stays }
        guard person.connections <= 0, !person.isRemoved, let grace else {
            people[name] = person.connections > 0 ? person : nil
            return person.connections > 0 ? .stays : .left
        }
        person.end = now + grace
        let isWatched = person.isWatched
        person.isWatched = true
        people[name] = person
        return isWatched ? .stays : .mayReturn(within: grace)
    }

    /// Ends the grace of a member that has not returned, after `mayReturn`.
    mutating func look(at name: [UInt8], at now: NIODeadline) -> Outcome {
        guard let end = people[name]?.end else {
            people[name]?.isWatched = false
            return .stays
        }
        guard end <= now else { return .mayReturn(within: end - now) }
        people[name] = nil
        return .left
    }
}
