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

    var end: RoomPosition { RoomPosition(offset: last, epoch: line.epoch) }

    /// Reads the line of a room; nil for a room that is not in the file.
    static func read(_ name: String, _ database: Database) throws -> RoomRow? {
        let statement = try database.cachedStatement(
            sql: "SELECT id, epoch, earlier, last, bytes, messages FROM carafe_room WHERE name = ?")
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
    }

    /// Adds a room to the file.
    static func insert(_ name: String, _ database: Database) throws -> RoomRow {
        try database.execute(
            sql: "INSERT INTO carafe_room (name, epoch, earlier, last, bytes, messages) VALUES (?, ?, '[]', 0, 0, 0)",
            arguments: [name, RoomLine.makeEpoch()])
        guard let row = try read(name, database) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return row
    }

    func update(_ database: Database) throws {
        let earlier = String(decoding: try JSONEncoder().encode(line.earlier), as: UTF8.self)
        try database.cachedStatement(
            sql: "UPDATE carafe_room SET epoch = ?, earlier = ?, last = ?, bytes = ?, messages = ? WHERE id = ?"
        ).execute(arguments: [line.epoch, earlier, Int64(last), bytes, messages, id])
    }
}

extension Row {
    /// Returns a number that only grows, from 0, or a time: another is of a damaged file, and could not be added to.
    func total(_ index: Int) throws -> Int64 {
        let total = try decode(Int64.self, atIndex: index)
        guard (0...Int64.max / 4).contains(total) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return total
    }
}
