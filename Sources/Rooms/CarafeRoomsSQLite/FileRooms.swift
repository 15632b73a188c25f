public import CarafeRooms
public import GRDB

extension Rooms {
    /// Creates rooms in a file of SQLite, which the processes of one machine may share.
    ///
    /// A file that cannot be used refuses posts with 503, and says why in one line of the log a minute:
    /// - While the file, or its `-wal` or `-shm`, is not at its path, nothing is acknowledged, since nobody would find
    ///   it again. It goes on once the same file is back; with another file in its place once the program is restarted.
    /// - A damaged part refuses the rooms that are in it, and the others go on. The start reads only what it needs:
    ///   `PRAGMA integrity_check` reads all.
    /// - If the program was killed, and the `-wal` was damaged or removed before the next start, the messages that only
    ///   it had are lost, and every subscriber is told a gap.
    ///
    /// - Parameters:
    ///   - path: The path of the file, which is created if it does not exist; its folder must exist.
    ///   - durability: What an acknowledged message survives.
    /// - Throws: `RoomFileError`.
    public convenience init(file path: String, durability: FileDurability = .full) throws {
        let database = try RoomFile.open(path)
        self.init(engine: try SQLiteEngine(database, durability: durability))
    }

    /// Creates rooms in the app's own database, so that a message and a row of the app can be one commit.
    ///
    /// - Parameters:
    ///   - database: A `DatabasePool`, or a `DatabaseQueue` for a test.
    ///   - durability: What an acknowledged message survives. For `full` the connection that writes is set to
    ///     `PRAGMA synchronous = FULL`, so that the app's own commits wait for the disk too; a pool has `NORMAL`
    ///     otherwise.
    /// - Throws: `RoomFileError`.
    public convenience init(database: any DatabaseWriter, durability: FileDurability = .normal) throws {
        self.init(engine: try SQLiteEngine(database, durability: durability))
    }
}

extension Room {
    /// Appends a message to the log in a transaction of the app: it is committed or rolled back with the app's rows.
    ///
    /// ```swift
    /// import CarafeRooms
    /// import GRDB
    ///
    /// struct Order: Codable { var item: String }
    /// let pool = try DatabasePool(path: "app.sqlite")
    /// let orders = try Rooms(database: pool).room("orders", of: Order.self)
    /// try await pool.write { database in
    ///     try database.execute(sql: "INSERT INTO orders (item) VALUES ('tea')")
    ///     try orders.publish(Order(item: "tea"), in: database)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - element: The message.
    ///   - names: The names of the only members that get it; nil for everybody.
    ///   - database: A connection to the file of the rooms.
    /// - Returns: The position that the message has once the transaction is committed.
    /// - Throws: `RoomFileError` for another file, `RoomError.nobody`, or an error of the encoder or the database.
    @discardableResult
    public func publish(
        _ element: Element, to names: [String]? = nil, in database: Database
    ) throws -> RoomPosition {
        let post = try post(element, to: names)
        guard let (engine, room) = engineRoom, let engine = engine as? SQLiteEngine else {
            throw RoomFileError(
                path: "memory", problem: "expected a room of `Rooms(file:)` or `Rooms(database:)`, found another")
        }
        try engine.require(database)
        let transaction = RoomTransaction(database)
        let position = try transaction.append(post, key: nil, to: room)
        try transaction.finish()
        let pages = transaction.pages
        database.afterNextTransaction { _ in engine.rooms.hint(pages) }
        return position
    }
}
