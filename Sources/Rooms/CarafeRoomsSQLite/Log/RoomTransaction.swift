import CarafeRooms
import Foundation
import GRDB
import NIOCore

/// The steps of engine calls in one transaction of the database. Each checks before it writes, so that one that is
/// refused leaves the others alone.
final class RoomTransaction {
    /// A key is kept until the room has so many newer entries, and for this time in milliseconds, but not longer than
    /// for so many newer entries.
    private static let keys = (countMinimum: Int64(4000), age: Int64(120_000), countLimit: Int64(1_000_000))
    /// The number of entries after which a room's oldest entries are looked at.
    private static let trimInterval: UInt64 = 32
    /// The cost of an entry beside its message, in bytes.
    private static let entryCost: Int64 = 64

    private struct Use {
        var row: RoomRow
        /// The limits of the log; nil for a step that does not know them.
        let retention: RoomHistory?
        /// The running total of bytes before this transaction.
        let bytesBefore: Int64
        /// The entries that this transaction has appended.
        var entries: [EngineEntry] = []
    }

    let database: Database
    private let time: Int64
    private var uses: [String: Use] = [:]

    init(_ database: Database, at time: Int64 = WallClock.milliseconds) {
        self.database = database
        self.time = time
    }

    /// The entries that the transaction has appended, by room.
    var pages: [(room: String, page: EnginePage)] {
        uses.compactMap { name, use in
            use.entries.isEmpty ? nil : (name, EnginePage(end: use.row.end, entries: use.entries))
        }
    }

    // MARK: The log

    func append(_ post: RoomPost, key: IdempotencyKeys.Key?, to room: EngineRoom) throws -> RoomPosition {
        var use = try use(room.name, room.retention)
        if let key, let known = try offset(of: key, in: use.row) {
            return RoomPosition(offset: known, epoch: use.row.line.epoch)
        }
        if let audience = post.audience, !(try audience.contains { try isHere($0, in: use.row) }) {
            throw RoomError.nobody(String(decoding: audience.first ?? [], as: UTF8.self))
        }
        try append(post, to: &use)
        if let key { try keep(key, in: use.row) }
        uses[room.name] = use
        return use.row.end
    }

    /// Adds a room that is not in the file, without entries.
    func create(_ room: EngineRoom) throws -> EngineOpening {
        let row = try use(room.name, room.retention).row
        return EngineOpening(line: row.line, names: [], page: EnginePage(end: row.end, entries: []))
    }

    private func use(_ name: String, _ retention: RoomHistory?) throws -> Use {
        if let use = uses[name] { return use }
        var row = try RoomRow.read(name, database) ?? RoomRow.insert(name, at: time, database)
        if let retention { row.setAge(retention.ageLimit, at: time) }
        return Use(row: row, retention: retention, bytesBefore: row.bytes)
    }

    private func append(_ post: RoomPost, to use: inout Use) throws {
        use.row.use(at: time)
        use.row.last += 1
        use.row.bytes += Int64(post.message.bytes.readableBytes) + Self.entryCost
        if post.kind == .message { use.row.messages += 1 }
        let entry = EngineEntry(offset: use.row.last, time: time, post: post)
        let values = try EntryRow.values(of: post)
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO carafe_entry (room, offset, time, kind, message, audience, subject, bytes, messages)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: StatementArguments(
                [use.row.id, Int64(entry.offset), time] + values + [use.row.bytes, use.row.messages]))
        use.entries.append(entry)
    }

    private func offset(of key: IdempotencyKeys.Key, in row: RoomRow) throws -> UInt64? {
        let statement = try database.cachedStatement(
            sql: "SELECT offset FROM carafe_key WHERE room = ? AND member = ? AND key = ?")
        return try Int64.fetchOne(statement, arguments: [row.id, Data(key.member), key.key]).map(
            UInt64.init(bitPattern:))
    }

    private func keep(_ key: IdempotencyKeys.Key, in row: RoomRow) throws {
        try database.cachedStatement(sql: "INSERT INTO carafe_key VALUES (?, ?, ?, ?, ?)")
            .execute(arguments: [row.id, Data(key.member), key.key, Int64(row.last), time])
    }

    // MARK: Presence

    func claim(
        _ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, by node: String, in room: EngineRoom
    ) throws {
        if claim != .none, try !NodeLease.extend(node, database, at: time) { throw RoomError.unavailable }
        var use = try use(room.name, room.retention)
        try self.claim(name, as: claim, isExclusive: isExclusive, by: node, in: &use)
        uses[room.name] = use
    }

    private func claim(
        _ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, by node: String, in use: inout Use
    ) throws {
        let text = String(decoding: name, as: UTF8.self)
        if isExclusive, try isConnected(text, besides: node, in: use.row) { throw RoomError.nameInUse(text) }
        let wasHere = try isHere(name, in: use.row)
        switch claim {
        case .none:
            try database.cachedStatement(sql: "DELETE FROM carafe_claim WHERE room = ? AND name = ? AND node = ?")
                .execute(arguments: [use.row.id, text, node])
        case .away, .connected:
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO carafe_claim VALUES (?, ?, ?, ?)")
                .execute(arguments: [use.row.id, text, node, claim == .connected])
        }
        try appendChange(of: text, from: wasHere, to: &use)
    }

    /// Appends the change of a name whose claims have changed.
    private func appendChange(of name: String, from wasHere: Bool, to use: inout Use) throws {
        let isHere = try isHere(Array(name.utf8), in: use.row)
        if isHere != wasHere { try append(.change(isHere ? .joined(name) : .left(name)), to: &use) }
    }

    private func isHere(_ name: [UInt8], in row: RoomRow) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM carafe_claim WHERE room = ? AND name = ? LIMIT 1")
        return try Int.fetchOne(statement, arguments: [row.id, String(decoding: name, as: UTF8.self)]) != nil
    }

    private func isConnected(_ name: String, besides node: String, in row: RoomRow) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM carafe_claim WHERE room = ? AND name = ? AND node <> ? AND connected LIMIT 1")
        return try Int.fetchOne(statement, arguments: [row.id, name, node]) != nil
    }

    func remove(_ name: [UInt8], from room: EngineRoom) throws {
        var use = try use(room.name, room.retention)
        let text = String(decoding: name, as: UTF8.self)
        let wasHere = try isHere(name, in: use.row)
        try database.cachedStatement(sql: "DELETE FROM carafe_claim WHERE room = ? AND name = ?")
            .execute(arguments: [use.row.id, text])
        try append(.removal(of: name), to: &use)
        try appendChange(of: text, from: wasHere, to: &use)
        uses[room.name] = use
    }

    /// Ends all claims of a node.
    func endClaims(of node: String) throws {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT carafe_room.name, carafe_claim.name FROM carafe_claim JOIN carafe_room ON carafe_room.id = room
                WHERE node = ?
                """, arguments: [node])
        for row in rows {
            let (room, name): (String, String) = (try row.decode(atIndex: 0), try row.decode(atIndex: 1))
            var use = try use(room, nil)
            try claim(Array(name.utf8), as: .none, isExclusive: false, by: node, in: &use)
            uses[room] = use
        }
    }

    /// Begins an epoch in all rooms of the file, each with a break.
    func beginEpochs() throws {
        for name in try String.fetchAll(database, sql: "SELECT name FROM carafe_room") {
            var use = try use(name, nil)
            use.row.line = use.row.line.next(after: use.row.last)
            try append(.break, to: &use)
            uses[name] = use
        }
    }

    // MARK: The end

    /// Writes the ends of the logs, and drops the oldest entries.
    func finish() throws {
        for use in uses.values where !use.entries.isEmpty {
            try use.row.update(database)
            try trim(use)
        }
    }

    private func trim(_ use: Use) throws {
        guard let limits = use.retention else { return }
        let count = UInt64(use.entries.count)
        // Once for so many entries or bytes, whichever transactions they are in.
        let bytes = Int64(clamping: max(limits.byteLimit / 8, 1))
        guard
            use.row.last / Self.trimInterval != (use.row.last - count) / Self.trimInterval
                || use.row.bytes / bytes != use.bytesBefore / bytes
        else { return }
        let statement = try database.cachedStatement(
            sql: """
                SELECT offset, time, bytes, messages FROM carafe_entry WHERE room = ? ORDER BY offset LIMIT ?
                """)
        let oldest = try Row.fetchAll(statement, arguments: [use.row.id, Int64(count + 2 * Self.trimInterval)])
        if let last = try oldest.last(where: { try isBeyond(limits, $0, use.row) }) {
            try database.cachedStatement(sql: "DELETE FROM carafe_entry WHERE room = ? AND offset <= ?")
                .execute(arguments: [use.row.id, try last.total(0)])
        }
        try trimKeys(of: use.row, count: count)
    }

    private func trimKeys(of row: RoomRow, count: UInt64) throws {
        let last = Int64(row.last)
        let statement = try database.cachedStatement(
            sql: "SELECT offset, time FROM carafe_key WHERE room = ? AND offset <= ? ORDER BY offset LIMIT ?")
        let oldest = try Row.fetchAll(
            statement, arguments: [row.id, last - Self.keys.countMinimum, Int64(count + 2 * Self.trimInterval)])
        let beyond = try oldest.last { key in
            let (offset, keyTime) = (try key.decode(Int64.self, atIndex: 0), try key.decode(Int64.self, atIndex: 1))
            return keyTime + Self.keys.age <= time || offset <= last - Self.keys.countLimit
        }
        guard let beyond else { return }
        try database.cachedStatement(sql: "DELETE FROM carafe_key WHERE room = ? AND offset <= ?")
            .execute(arguments: [row.id, try beyond.decode(Int64.self, atIndex: 0)])
    }

    private func isBeyond(_ limits: RoomHistory, _ entry: Row, _ row: RoomRow) throws -> Bool {
        let (entryTime, bytes, messages) = (try entry.total(1), try entry.total(2), try entry.total(3))
        return row.messages - messages >= limits.countLimit || row.bytes - bytes >= limits.byteLimit
            || row.age.map { entryTime + $0 <= time } ?? false
    }

    // MARK: Idle rooms

    /// Notes that rooms are in use, so that they are not forgotten.
    func use(_ names: [String]) throws {
        let statement = try database.cachedStatement(sql: "UPDATE carafe_room SET used = ? WHERE name = ?")
        for name in names { try statement.execute(arguments: [time, name]) }
    }
}
