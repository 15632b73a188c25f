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

    init(_ row: Row) throws {
        id = row[0]
        let earlier: String = row[2]
        line = RoomLine(
            epoch: row[1], earlier: try JSONDecoder().decode([RoomLine.Epoch].self, from: Data(earlier.utf8)))
        last = UInt64(bitPattern: row[3])
        bytes = row[4]
        messages = row[5]
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
        ).execute(arguments: [line.epoch, earlier, Int64(bitPattern: last), bytes, messages, id])
    }
}
