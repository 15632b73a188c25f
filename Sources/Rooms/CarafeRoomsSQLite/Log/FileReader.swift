import CarafeRooms
import GRDB

/// Reads rooms from a database.
enum FileReader {
    /// The maximum number of entries of a page.
    private static let pageLimit = 1000

    /// Reads a room from its oldest entry; nil for a room that is not in the file.
    static func opening(_ room: EngineRoom, _ database: Database) throws -> EngineOpening? {
        guard let row = try RoomRow.read(room.name, database) else { return nil }
        let names = try String.fetchAll(
            database, sql: "SELECT DISTINCT name FROM carafe_claim WHERE room = ?", arguments: [row.id])
        let entries = try entries(of: row, after: 0, database)
        return EngineOpening(
            line: row.line, names: names.map { Array($0.utf8) }, page: EnginePage(end: row.end, entries: entries))
    }

    /// Reads the entries of a room after an offset. A room that is not in the file has an end that no copy has.
    static func page(_ room: String, after offset: UInt64, _ database: Database) throws -> EnginePage {
        guard let row = try RoomRow.read(room, database) else {
            return EnginePage(end: RoomPosition(offset: 0), entries: [])
        }
        return EnginePage(end: row.end, entries: try entries(of: row, after: offset, database))
    }

    private static func entries(of row: RoomRow, after offset: UInt64, _ database: Database) throws -> [EngineEntry] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT offset, time, kind, message, audience, subject FROM carafe_entry
                WHERE room = ? AND offset > ? ORDER BY offset LIMIT ?
                """)
        let rows = try Row.fetchCursor(statement, arguments: [row.id, Int64(clamping: offset), pageLimit])
        var entries: [EngineEntry] = []
        while let row = try rows.next() { entries.append(try EntryRow.entry(row)) }
        return entries
    }
}
