import NIOCore

/// Who is in a room, however many connections each has.
struct Roster: Sendable {
    private struct Person {
        var connections = 0
        /// When one who has no connection is gone.
        var end: NIODeadline?
        /// Whether somebody comes back to look.
        var isWatched = false
        /// Whether it goes with its last connection.
        var isRemoved = false
    }

    /// What follows from the end of a connection.
    enum Departure: Equatable {
        case stays
        /// To be looked at again after this time.
        case mayReturn(within: TimeAmount)
        case left
    }

    /// How long one who has no connection counts as here; nil for no time.
    let grace: TimeAmount?
    /// By the bytes of the name: a hash of text costs the square of its length in the worst case, which a client chooses.
    private var people: [[UInt8]: Person] = [:]

    /// - Parameter names: who was here when an earlier run ended, and may return; `release` begins their time.
    init(grace: TimeAmount?, restoring names: [String] = []) {
        self.grace = grace
        guard grace != nil else { return }
        for name in names { people[Array(name.utf8)] = Person() }
    }

    /// Those without a connection, for whom nobody looks yet.
    var unwatched: [[UInt8]] { people.filter { $0.value.connections == 0 && !$0.value.isWatched }.map(\.key) }

    func contains(_ name: [UInt8]) -> Bool { people[name] != nil }

    /// Whether the name has a connection, and so is not free.
    func isConnected(_ name: [UInt8]) -> Bool { (people[name]?.connections ?? 0) > 0 }

    /// Sorted.
    var names: [String] { people.keys.map { String(decoding: $0, as: UTF8.self) }.sorted() }

    /// Whether this is somebody who was not here.
    mutating func connect(_ name: [UInt8]) -> Bool {
        let isNew = people[name] == nil
        people[name, default: Person()].connections += 1
        people[name]?.end = nil
        people[name]?.isRemoved = false
        return isNew
    }

    mutating func disconnect(_ name: [UInt8], at now: NIODeadline) -> Departure {
        guard people[name] != nil else { return .stays }
        people[name]?.connections -= 1
        return release(name, at: now)
    }

    /// One who has no connection is gone, without the time to return; any other is with its last connection.
    mutating func remove(_ name: [UInt8]) -> Departure {
        guard people[name] != nil else { return .stays }
        people[name]?.isRemoved = true
        return release(name, at: .uptimeNanoseconds(0))
    }

    /// Begins the time of one who has no connection.
    mutating func release(_ name: [UInt8], at now: NIODeadline) -> Departure {
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

    /// Looks again, after `mayReturn`.
    mutating func look(at name: [UInt8], at now: NIODeadline) -> Departure {
        guard let end = people[name]?.end else {
            people[name]?.isWatched = false
            return .stays
        }
        guard end <= now else { return .mayReturn(within: end - now) }
        people[name] = nil
        return .left
    }
}
