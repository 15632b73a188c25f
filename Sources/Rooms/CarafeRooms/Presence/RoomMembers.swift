import CarafeWebSocketCodec
import NIOCore

/// The members of a room.
///
/// A member is a name, and the roster counts its connections to this process. These are all members of a room in
/// memory; in an engine's room the names of all nodes are copied from the engine, and the roster makes this node's
/// claims.
struct RoomMembers: Sendable {
    private var roster: Roster
    /// Whether the log has the changes of the members.
    let hasPresence: Bool
    /// The names in the engine, at the end of the log's copy; nil in memory.
    private var copied: Set<[UInt8]>?
    /// The names as JSON, until they change.
    private(set) var list: ByteBuffer?
    /// The number of changes of the names.
    private(set) var changes: UInt64 = 0

    init(_ options: PresenceOptions?, areCopied: Bool) {
        hasPresence = options != nil
        roster = Roster(grace: (options?.grace).map { TimeAmount($0) })
        copied = areCopied ? [] : nil
    }

    var areCopied: Bool { copied != nil }

    func contains(_ name: [UInt8]) -> Bool { copied?.contains(name) ?? roster.contains(name) }

    /// Returns whether the name has a connection to this process.
    func isConnected(_ name: [UInt8]) -> Bool { roster.isConnected(name) }

    var count: Int { copied?.count ?? roster.count }

    /// The names, sorted.
    var names: [String] {
        (copied.map(Array.init) ?? Array(roster.names)).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    /// Returns this node's claim on a name.
    func claim(on name: [UInt8]) -> EngineClaim {
        if roster.isRemoved(name) { return .none }
        if roster.isConnected(name) { return .connected }
        return roster.contains(name) ? .away : .none
    }

    // MARK: Connections

    /// Counts a connection; returns the change for the log.
    mutating func connect(_ name: [UInt8]) -> RoomChange? {
        guard roster.connect(name) else { return nil }
        return changed(.joined(String(decoding: name, as: UTF8.self)))
    }

    /// Does one step of a departure; returns its outcome, and the change for the log.
    mutating func depart(
        _ name: [UInt8], by step: Departure, at now: NIODeadline
    ) -> (outcome: Roster.Outcome, change: RoomChange?) {
        let outcome =
            switch step {
            case .disconnected: roster.disconnect(name, at: now)
            case .graceEnded: roster.look(at: name, at: now)
            case .removed: roster.remove(name)
            }
        return (outcome, outcome == .left ? changed(.left(String(decoding: name, as: UTF8.self))) : nil)
    }

    private mutating func changed(_ change: RoomChange) -> RoomChange? {
        if areCopied { return nil }
        namesChanged()
        return hasPresence ? change : nil
    }

    // MARK: The copy

    mutating func copy(_ names: [[UInt8]]) {
        copied = Set(names)
        namesChanged()
    }

    mutating func copy(_ change: RoomChange) {
        switch change {
        case .joined(let name): copied?.insert(Array(name.utf8))
        case .left(let name): copied?.remove(Array(name.utf8))
        }
        namesChanged()
    }

    // MARK: The list

    private mutating func namesChanged() {
        list = nil
        changes += 1
    }

    mutating func keepList(_ made: ByteBuffer, of changes: UInt64) {
        if changes == self.changes { list = made }
    }

    /// Returns the names as a list in JSON.
    func makeList() -> ByteBuffer {
        var bytes = ByteBuffer(string: "[")
        for (index, name) in names.enumerated() {
            if index > 0 { bytes.writeString(",") }
            bytes.writeImmutableBuffer(EntryEncodings.string(name))
        }
        bytes.writeString("]")
        return bytes
    }
}

/// A reason for which a member may have left.
enum Departure: Sendable {
    /// One connection of the name ended.
    case disconnected
    /// The grace has ended, or had been extended.
    case graceEnded
    case removed
}
