import GRDB

/// Drops the rows that no limit keeps any longer, though nobody posts: a bounded number at a time, so that no writer
/// waits for long.
struct ExpiredRows {
    /// The time for which a room that is not used keeps its keys, and the room itself if it has nothing else, in
    /// milliseconds.
    static let idleTime: Int64 = 86_400_000
    /// The maximum number of rooms that are looked at.
    private static let roomLimit = 100
    /// The maximum number of rows that are dropped.
    static let rowLimit = 1000
    /// The maximum size of the messages that are dropped, in bytes, beyond the first.
    private static let byteLimit: Int64 = 1 << 20

    private let database: Database
    private let now: Int64
    private var rowsLeft = Self.rowLimit
    private var bytesLeft = Self.byteLimit

    private init(_ database: Database, at now: Int64) {
        self.database = database
        self.now = now
    }

    /// Drops rows in a transaction.
    ///
    /// - Returns: Whether there may be more.
    static func drop(from database: Database, at now: Int64) throws -> Bool {
        var step = ExpiredRows(database, at: now)
        return try step.drop()
    }

    private mutating func drop() throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT id, age, used FROM carafe_room WHERE due <= ? ORDER BY due LIMIT ?")
        let rooms = try Row.fetchAll(statement, arguments: [now, Self.roomLimit])
        for room in rooms where rowsLeft > 0 && bytesLeft > 0 {
            try drop(try room.total(0), age: try room.totalIfPresent(1), used: try room.total(2))
        }
        try dropSessions()
        return rooms.count == Self.roomLimit || rowsLeft <= 0 || bytesLeft <= 0
    }

    private mutating func drop(_ room: Int64, age: Int64?, used: Int64) throws {
        let oldest = try dropEntries(of: room, age)
        let isIdle = used + Self.idleTime <= now
        let hasKeys = try isIdle ? dropKeys(of: room) : has("carafe_key", room)
        if oldest == nil, !hasKeys, isIdle, try !has("carafe_claim", room) {
            return try run("DELETE FROM carafe_room WHERE id = ?", [room])
        }
        // A room with claims is not forgotten yet.
        let idle = isIdle && !hasKeys ? now + Self.idleTime : used + Self.idleTime
        let expiry = if let age, let oldest { oldest + age } else { nil as Int64? }
        let next = oldest == nil || hasKeys ? min(expiry ?? .max, idle) : expiry
        try run("UPDATE carafe_room SET due = ? WHERE id = ?", [next, room])
    }

    /// Drops the oldest entries of a room that are beyond its age limit.
    ///
    /// - Returns: The time of the oldest one that is left; nil without any.
    private mutating func dropEntries(of room: Int64, _ age: Int64?) throws -> Int64? {
        let statement = try database.cachedStatement(
            sql: "SELECT offset, time, bytes FROM carafe_entry WHERE room = ? ORDER BY offset LIMIT ?")
        let rows = try Row.fetchCursor(statement, arguments: [room, rowsLeft + 1])
        var (last, start) = (nil as Int64?, nil as Int64?)
        var oldest: Int64?
        while let row = try rows.next() {
            let (offset, time, bytes) = (try row.total(0), try row.total(1), try row.total(2))
            guard let age, time + age <= now, rowsLeft > 0, bytesLeft > 0 else {
                oldest = time
                break
            }
            rowsLeft -= 1
            // The total before the first is not known any more, and its own size not bounded.
            bytesLeft -= bytes - (start ?? bytes)
            (last, start) = (offset, bytes)
        }
        if let last { try run("DELETE FROM carafe_entry WHERE room = ? AND offset <= ?", [room, last]) }
        return oldest
    }

    /// Drops the keys of a room.
    ///
    /// - Returns: Whether there are more.
    private mutating func dropKeys(of room: Int64) throws -> Bool {
        let keys = "SELECT member, key FROM carafe_key WHERE room = ? ORDER BY offset LIMIT ?"
        try run("DELETE FROM carafe_key WHERE room = ? AND (member, key) IN (\(keys))", [room, room, Int64(rowsLeft)])
        rowsLeft -= database.changesCount
        return try has("carafe_key", room)
    }

    private mutating func dropSessions() throws {
        let ended = "SELECT id FROM carafe_session WHERE end <= ? ORDER BY end LIMIT ?"
        try run("DELETE FROM carafe_session WHERE id IN (\(ended))", [now, Int64(max(rowsLeft, 1))])
        rowsLeft -= database.changesCount
    }

    private func has(_ table: String, _ room: Int64) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM \(table) WHERE room = ? LIMIT 1")
        return try Int.fetchOne(statement, arguments: [room]) != nil
    }

    private func run(_ sql: String, _ values: [Int64?]) throws {
        try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
    }
}
