import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct KnownRoomsTests {
    private func storage(_ name: String, in rooms: KnownRooms) throws -> RoomStorage {
        try rooms.storage(name, of: Int.self) {
            RoomStorage(RoomOptions(history: RoomHistory(), presence: nil), policy: .close, isJSON: true)
        }
    }

    private func publish(in storage: RoomStorage) throws {
        _ = try storage.update { state throws(RoomError) in try state.publish(RoomPost(.text("1")), key: nil) }
    }

    private func epoch(of name: String, in rooms: KnownRooms) throws -> String { try storage(name, in: rooms).epoch }

    /// Asks for many rooms that nobody holds.
    private func fill(_ rooms: KnownRooms, _ count: Int) throws {
        for number in 0..<count { _ = try storage("room \(number)", in: rooms) }
    }

    @Test("a room in memory is kept though nobody holds it, while there are not many")
    func kept() throws {
        let rooms = KnownRooms(areKept: true)
        let epoch = try epoch(of: "tea", in: rooms)
        try fill(rooms, KnownRooms.keptCount - 1)
        #expect(try self.epoch(of: "tea", in: rooms) == epoch && rooms.count == KnownRooms.keptCount)
    }

    @Test("a room of an engine is found as long as somebody holds it")
    func found() throws {
        let rooms = KnownRooms(areKept: false)
        let tea = try storage("tea", in: rooms)
        let epoch = try epoch(of: "coffee", in: rooms)
        try fill(rooms, 3 * KnownRooms.keptCount)
        #expect(try storage("tea", in: rooms) === tea)
        #expect(try self.epoch(of: "coffee", in: rooms) != epoch)
    }

    @Test("of many rooms those without content are dropped, so that there are at most twice as many as are used")
    func drops() throws {
        let rooms = KnownRooms(areKept: true)
        try fill(rooms, 20 * KnownRooms.keptCount)
        #expect(rooms.count <= KnownRooms.keptCount + 1)
    }

    @Test("a room with messages, and one that somebody holds, are not dropped: another would be a second log")
    func notDropped() throws {
        let rooms = KnownRooms(areKept: true)
        let held = try storage("held", in: rooms)
        try publish(in: try storage("used", in: rooms))
        let used = try epoch(of: "used", in: rooms)
        try fill(rooms, 5 * KnownRooms.keptCount)
        #expect(try storage("held", in: rooms) === held && epoch(of: "used", in: rooms) == used)
    }

    @Test("a room that was held once is kept again afterwards")
    func heldOnce() throws {
        let rooms = KnownRooms(areKept: true)
        do {
            let held = try storage("held", in: rooms)
            try fill(rooms, 3 * KnownRooms.keptCount)
            try publish(in: held)
        }
        #expect(try storage("held", in: rooms).update { $0.log.last } == 1)
    }

    @Test("rooms beyond the limit are refused, until one has no content")
    func limit() throws {
        let rooms = KnownRooms(areKept: false)
        var held = try (0..<KnownRooms.limit).map { try storage("room \($0)", in: rooms) }
        #expect(throws: RoomError.tooManyRooms(limit: KnownRooms.limit)) { try storage("tea", in: rooms) }
        #expect(try storage("room 7", in: rooms) === held[7] && rooms.count == KnownRooms.limit)
        held = []
        _ = try storage("tea", in: rooms)
        #expect(rooms.count < KnownRooms.limit)
    }
}
