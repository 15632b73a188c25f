import CarafeRooms
import GRDB

/// The leases of the processes that have claims in a file. A claim of a process whose lease has ended is ended by any
/// other.
enum NodeLease {
    /// The time for which a lease lasts without a refresh, in milliseconds.
    static let time: Int64 = 15_000

    /// Refreshes the lease of a node, and ends those that have ended.
    ///
    /// - Returns: Whether the node had not been given up by another.
    static func refresh(
        _ node: String, _ database: Database, at now: Int64 = WallClock.milliseconds
    ) throws -> Bool {
        let isKnown = try extend(node, database, at: now)
        try endExpired(database, at: now)
        return isKnown
    }

    /// Extends the lease of a node, without which there is no claim.
    ///
    /// - Returns: Whether the node had not been given up by another.
    static func extend(_ node: String, _ database: Database, at now: Int64) throws -> Bool {
        try database.cachedStatement(sql: "UPDATE carafe_node SET lease = ? WHERE id = ?")
            .execute(arguments: [now + time, node])
        return database.changesCount == 1
    }

    /// Ends the claims of the nodes whose lease has ended.
    static func endExpired(_ database: Database, at now: Int64) throws {
        let ended = try String.fetchAll(database, sql: "SELECT id FROM carafe_node WHERE lease < ?", arguments: [now])
        for node in ended { try RoomFile.reap(node, database) }
    }
}
