import Synchronization

/// The rooms of this process by name: those in memory are kept, and those in an engine found again while they are used.
final class KnownRooms: Sendable {
    /// The maximum number of rooms that are kept. Beyond it rooms without content are dropped.
    private static let limit = 100_000

    private struct Entry {
        let type: any Any.Type
        /// The room, if this keeps it.
        let kept: RoomStorage?
        weak var used: RoomStorage?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// The number of entries at which those that are not used are dropped.
        var sweepCount = 1000
    }

    private let areKept: Bool
    private let state = Mutex(State())

    init(areKept: Bool) {
        self.areKept = areKept
    }

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
            state.entries[name] = Entry(type: type, kept: areKept ? storage : nil, used: storage)
            return storage
        }
    }

    private func makePlace(in state: inout State) throws(RoomError) {
        guard state.entries.count >= state.sweepCount else { return }
        state.entries = state.entries.filter { $0.value.kept.map { !$0.isUnused } ?? ($0.value.used != nil) }
        state.sweepCount = max(1000, min(state.entries.count * 2, Self.limit))
        if state.entries.count >= Self.limit { throw .tooManyRooms(limit: Self.limit) }
    }
}
