import Synchronization

/// The rooms of this process by name: those in memory are kept, and those in an engine found again while they are used.
///
/// Rooms without content that nobody holds are dropped a few at a time, so that no call takes long.
final class KnownRooms: Sendable {
    /// The maximum number of rooms.
    static let limit = 100_000
    /// The number of rooms from which on those without content are dropped.
    static let keptCount = 1000
    /// The numbers of rooms that are looked at for a new one, and for one beyond the limit.
    private static let (fewRooms, manyRooms) = (2, 1000)

    private struct Entry {
        let type: any Any.Type
        /// The room, if this keeps it.
        var kept: RoomStorage?
        weak var used: RoomStorage?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// The names of the entries.
        var names: [String] = []
        /// The index of the next name to look at.
        var next = 0

        /// Looks at the next rooms, and drops those without content that nobody holds.
        mutating func drop(from count: Int) {
            for _ in 0..<min(count, names.count) {
                next = next < names.count ? next : 0
                let name = names[next]
                if drop(name) { _ = names.swapRemove(at: next) } else { next += 1 }
            }
        }

        /// Drops a room without content that nobody holds; returns whether it is gone.
        private mutating func drop(_ name: String) -> Bool {
            let isKept = entries[name]?.kept != nil
            if let kept = entries[name]?.kept, !kept.isUnused { return false }
            entries[name]?.kept = nil
            guard let held = entries[name]?.used else {
                entries[name] = nil
                return true
            }
            // Another room of this name would be a second log.
            if isKept { entries[name]?.kept = held }
            return false
        }
    }

    private let areKept: Bool
    private let state = Mutex(State())

    init(areKept: Bool) {
        self.areKept = areKept
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// Returns the room of a name, which is made if it is not there.
    ///
    /// - Throws: `RoomError.badRoomName` or `.tooManyRooms`, or `RoomTypeError`.
    func storage(_ name: String, of type: any Any.Type, make: () -> RoomStorage) throws -> RoomStorage {
        guard MemberNames(limit: Rooms.nameLimit).isValid(name), name.utf8.count <= Rooms.nameLimit else {
            throw RoomError.badRoomName(limit: Rooms.nameLimit)
        }
        return try state.withLock { state in
            if let entry = state.entries[name], let storage = entry.used {
                guard entry.type == type else {
                    throw RoomTypeError(name: name, expected: "\(entry.type)", found: "\(type)")
                }
                return storage
            }
            try makePlace(in: &state)
            let storage = make()
            let isNew =
                state.entries.updateValue(
                    Entry(type: type, kept: areKept ? storage : nil, used: storage), forKey: name) == nil
            if isNew { state.names.append(name) }
            return storage
        }
    }

    private func makePlace(in state: inout State) throws(RoomError) {
        guard state.entries.count >= Self.keptCount else { return }
        state.drop(from: state.entries.count < Self.limit ? Self.fewRooms : Self.manyRooms)
        if state.entries.count >= Self.limit { throw .tooManyRooms(limit: Self.limit) }
    }
}
