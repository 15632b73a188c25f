import CarafeRooms
import GRDB

/// The leases of the processes that have claims in a file. A claim of a process whose lease has ended is ended by any
/// other.
enum NodeLease {
    /// The time for which a lease lasts without a refresh, in milliseconds.
    private static let time: Int64 = 15_000

    /// Refreshes the lease of a node, and ends the claims of those whose lease has ended.
    ///
    /// - Returns: Whether the node had not been given up by another.
    static func refresh(_ node: String, _ database: Database) throws -> Bool {
        let now = WallClock.milliseconds
        try database.execute(
            sql: "UPDATE carafe_node SET lease = ? WHERE id = ?", arguments: [now + time, node])
        let isKnown = database.changesCount == 1
        let ended = try String.fetchAll(database, sql: "SELECT id FROM carafe_node WHERE lease < ?", arguments: [now])
        for other in ended { try RoomFile.reap(other, database) }
        return isKnown
    }
}
