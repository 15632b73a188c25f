import CarafeRooms
import Foundation
import GRDB

/// A room's line of the table of rooms.
struct RoomRow {
    let id: Int64
    var line: RoomLine
    /// The offset of the newest entry.
    var last: UInt64
    /// The running totals up to there.
    var bytes: Int64
    var messages: Int64
    /// The age limit of the entries; nil without one.
    var age: Int64?
    /// The time of the last use.
    var used: Int64
    /// The time at which something may have to be dropped; nil for never.
    var due: Int64?

    var end: RoomPosition { RoomPosition(offset: last, epoch: line.epoch) }

    /// Reads the line of a room; nil for a room that is not in the file.
    static func read(_ name: String, _ database: Database) throws -> RoomRow? {
        let statement = try database.cachedStatement(
            sql: "SELECT id, epoch, earlier, last, bytes, messages, age, used, due FROM carafe_room WHERE name = ?")
        return try Row.fetchOne(statement, arguments: [name]).map { try RoomRow($0) }
    }

    private init(_ row: Row) throws {
        id = try row.decode(atIndex: 0)
        let earlier: String = try row.decode(atIndex: 2)
        line = RoomLine(
            epoch: try row.decode(atIndex: 1),
            earlier: try JSONDecoder().decode([RoomLine.Epoch].self, from: Data(earlier.utf8)))
        last = UInt64(try row.total(3))
        bytes = try row.total(4)
        messages = try row.total(5)
        age = try row.totalIfPresent(6)
        used = try row.total(7)
        due = try row.totalIfPresent(8)
    }

    /// Adds a room to the file.
    static func insert(_ name: String, at time: Int64, _ database: Database) throws -> RoomRow {
        try database.execute(
            sql: """
                INSERT INTO carafe_room (name, epoch, earlier, last, bytes, messages, used, due)
                VALUES (?, ?, '[]', 0, 0, 0, ?, ?)
                """,
            arguments: [name, RoomLine.makeEpoch(), time, time + ExpiredRows.idleTime])
        guard let row = try read(name, database) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return row
    }

    func update(_ database: Database) throws {
        let earlier = String(decoding: try JSONEncoder().encode(line.earlier), as: UTF8.self)
        try database.cachedStatement(
            sql: """
                UPDATE carafe_room
                SET epoch = ?, earlier = ?, last = ?, bytes = ?, messages = ?, age = ?, used = ?, due = ? WHERE id = ?
                """
        ).execute(arguments: [line.epoch, earlier, Int64(last), bytes, messages, age, used, due, id])
    }

    // MARK: Ages

    /// Sets the age limit; after a change the next look is soon.
    mutating func setAge(_ limit: Duration?, at time: Int64) {
        let limit = limit.map { Int64(min($0 / .milliseconds(1), 1e15)) }
        guard age != limit else { return }
        age = limit
        if last > 0 { due = time }
    }

    /// Notes a use.
    mutating func use(at time: Int64) {
        used = time
        due = min(due ?? .max, time + min(age ?? .max, ExpiredRows.idleTime))
    }

    /// Whether the room is forgotten before long unless its use is noted.
    func isIdle(at time: Int64) -> Bool { used + ExpiredRows.idleTime / 2 < time }
}

extension Row {
    /// Returns a number that only grows, from 0, or a time: another is of a damaged file, and could not be added to.
    func total(_ index: Int) throws -> Int64 {
        guard let total = try totalIfPresent(index) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return total
    }

    /// Returns such a number, or nil for NULL.
    func totalIfPresent(_ index: Int) throws -> Int64? {
        guard let total = try decode(Int64?.self, atIndex: index) else { return nil }
        guard (0...Int64.max / 4).contains(total) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return total
    }
}
