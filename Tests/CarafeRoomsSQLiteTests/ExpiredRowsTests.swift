import CarafeWebSocketCodec
import GRDB
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

@Suite("Rows that no limit keeps", .timeLimit(.minutes(10)))
struct ExpiredRowsTests {
    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000
    private static let start: Int64 = 1_000_000_000_000

    private let file: RoomFileFixture

    init() throws {
        file = try RoomFileFixture()
    }

    private func room(_ name: String, age: Duration? = nil) -> EngineRoom {
        EngineRoom(name: name, history: RoomHistory(ageLimit: age))
    }

    private func post(_ count: Int = 1, to room: EngineRoom, key: String? = nil, size: Int = 1, at time: Int64)
        async throws
    {
        try await file.database.write { database in
            let transaction = RoomTransaction(database, at: time)
            let post = RoomPost(.text(String(repeating: "x", count: size)))
            for number in 0..<count {
                let key = key.map { IdempotencyKeys.Key(member: [], key: "\($0)\(number)") }
                _ = try transaction.append(post, key: key, to: room)
            }
            try transaction.finish()
        }
    }

    /// Takes a step.
    ///
    /// - Returns: Whether there may be more.
    private func drop(at time: Int64) async throws -> Bool {
        try await file.database.write { try ExpiredRows.drop(from: $0, at: time) }
    }

    private func due(_ name: String = "tea") async throws -> Int64? {
        try await file.database.read { try RoomRow.read(name, $0)?.due }
    }

    @Test("entries are dropped at their age, one after another, without a post")
    func age() async throws {
        let tea = room("tea", age: .seconds(60))
        try await post(to: tea, at: Self.start)
        try await post(2, to: tea, at: Self.start + 10_000)
        #expect(try await due() == Self.start + Self.minute)
        #expect(try await drop(at: Self.start + Self.minute - 1) == false)
        #expect(try await file.count("carafe_entry") == 3)
        #expect(try await drop(at: Self.start + Self.minute) == false)
        #expect(try await file.count("carafe_entry") == 2)
        #expect(try await due() == Self.start + 10_000 + Self.minute)
        #expect(try await drop(at: Self.start + 10_000 + Self.minute) == false)
        #expect(try await file.count("carafe_entry") == 0)
        let end = try await file.engine.ends(of: [tea])[0]
        #expect(end.offset == 3, "the log goes on after its last offset")
        try await post(to: tea, at: Self.start + 3 * Self.minute)
        #expect(try await due() == Self.start + 4 * Self.minute)
        #expect(try await file.engine.read(tea, after: 3).entries.map(\.offset) == [4])
        #expect(try await file.engine.ends(of: [tea])[0] == RoomPosition(offset: 4, epoch: end.epoch))
    }

    @Test("a room without an age limit keeps its entries, and one without a history a minute's")
    func otherRooms() async throws {
        try await post(to: room("tea"), at: Self.start)
        try await post(to: EngineRoom(name: "talk", history: .none), at: Self.start)
        #expect(try await drop(at: Self.start + Self.minute) == false)
        #expect(try await file.count("carafe_entry") == 1)
        #expect(try await drop(at: Self.start + 100 * Self.day) == false)
        #expect(try await file.count("carafe_entry") == 1)
        #expect(try await due() == nil)
    }

    @Test("an age limit that was changed holds from the next post on")
    func changed() async throws {
        try await post(to: room("tea", age: .seconds(3600)), at: Self.start)
        try await post(to: room("tea", age: .seconds(60)), at: Self.start + 1)
        #expect(try await drop(at: Self.start + Self.minute) == false)
        #expect(try await file.count("carafe_entry") == 1)
        try await post(to: room("tea"), at: Self.start + 2)
        #expect(try await drop(at: Self.start + 2 * Self.minute) == false)
        #expect(try await file.count("carafe_entry") == 2)
    }

    @Test("a step drops a bounded number of rows and bytes, of all rooms together, and says that there are more")
    func bounds() async throws {
        for name in ["a", "b", "c"] { try await post(600, to: room(name, age: .seconds(1)), at: Self.start) }
        var left = 1800
        for (isMore, dropped) in [(true, ExpiredRows.rowLimit), (false, 1800 - ExpiredRows.rowLimit)] {
            #expect(try await drop(at: Self.start + Self.minute) == isMore)
            left -= dropped
            #expect(try await file.count("carafe_entry") == left)
        }
        let large = EngineRoom(name: "large", history: RoomHistory(byteLimit: 1 << 30, ageLimit: .seconds(1)))
        try await post(10, to: large, size: 500_000, at: Self.start)
        #expect(try await drop(at: Self.start + Self.minute))
        #expect(try await file.count("carafe_entry") == 6)
        #expect(try await drop(at: Self.start + Self.minute))
        #expect(try await drop(at: Self.start + Self.minute) == false)
        #expect(try await file.count("carafe_entry") == 0)
    }

    @Test("the look at rooms and at sessions uses an index")
    func index() async throws {
        let looks = [
            ("SELECT id FROM carafe_room WHERE due <= ? ORDER BY due LIMIT ?", "carafe_room_due"),
            ("SELECT id FROM carafe_session WHERE end <= ? ORDER BY end LIMIT ?", "carafe_session_end"),
        ]
        for (sql, index) in looks {
            let plan = try await file.database.read { database in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: [1, 1]).map { "\($0)" }
            }
            #expect(plan.count == 1 && plan[0].contains(index), "\(plan)")
        }
    }

    @Test("keys are known for a day after the last use of their room")
    func keys() async throws {
        let tea = room("tea")
        try await post(3, to: tea, key: "first", at: Self.start)
        try await post(1100, to: tea, key: "second", at: Self.start + Self.day / 2)
        #expect(try await drop(at: Self.start + Self.day) == false)
        #expect(try await file.count("carafe_key") == 1103)
        #expect(try await drop(at: Self.start + Self.day / 2 + Self.day) == true)
        #expect(try await file.count("carafe_key") == 103)
        #expect(try await drop(at: Self.start + Self.day / 2 + Self.day) == false)
        #expect(try await file.count("carafe_key") == 0)
        #expect(try await due() == nil)
    }

    @Test("a room that holds nothing is forgotten a day after its last use, unless somebody is in it")
    func rooms() async throws {
        for name in ["empty", "held", "used"] { try await post(to: room(name, age: .seconds(1)), at: Self.start) }
        try await file.database.write { database in
            _ = try RoomTransaction(database, at: Self.start).create(room("read"))
            try database.execute(
                sql: "INSERT INTO carafe_claim SELECT id, 'ann', 'node', 1 FROM carafe_room WHERE name = 'held'")
            try RoomTransaction(database, at: Self.start + Self.day / 2).use(["used"])
        }
        #expect(try await drop(at: Self.start + Self.day - 1) == false)
        #expect(try await file.count("carafe_room") == 4)
        #expect(try await drop(at: Self.start + Self.day) == false)
        let names = try await file.database.read {
            try String.fetchAll($0, sql: "SELECT name FROM carafe_room ORDER BY name")
        }
        #expect(names == ["held", "used"])
        try await file.sql("DELETE FROM carafe_claim")
        #expect(try await drop(at: Self.start + 3 * Self.day) == false)
        #expect(try await file.count("carafe_room") == 0)
    }

    @Test("a room that is forgotten begins again for its readers, with another epoch")
    func forgotten() async throws {
        let tea = room("tea")
        let epoch = try await file.engine.open(tea).line.epoch
        try await file.sql("DELETE FROM carafe_room")
        #expect(try await file.engine.ends(of: [tea]) == [RoomPosition(offset: 0)])
        #expect(try await file.engine.read(tea, after: 0).end == RoomPosition(offset: 0))
        #expect(try await file.engine.open(tea).line.epoch != epoch)
    }

    @Test("the comparison of ends keeps a room that nobody posts to")
    func inUse() async throws {
        let tea = room("tea")
        _ = try await file.engine.open(tea)
        let old = WallClock.milliseconds - Self.day
        try await file.sql("UPDATE carafe_room SET used = \(old), due = \(old)")
        _ = try await file.engine.ends(of: [tea])
        #expect(try await drop(at: WallClock.milliseconds) == false)
        #expect(try await file.count("carafe_room") == 1)
        #expect(try await due() ?? 0 > WallClock.milliseconds)
    }

    @Test("sessions whose time is over are dropped")
    func sessions() async throws {
        try await file.sql("INSERT INTO carafe_session VALUES ('a', 'x', \(Self.start)), ('b', 'x', \(Self.start + 1))")
        #expect(try await drop(at: Self.start) == false)
        #expect(try await file.count("carafe_session") == 1)
    }
}
