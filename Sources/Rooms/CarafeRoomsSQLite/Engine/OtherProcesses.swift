import CarafeRooms
import GRDB
import NIOCore
import Synchronization

/// The other processes that write to a file: their entries are looked for while any room is open here.
final class OtherProcesses: Sendable {
    private static let interval = TimeAmount.milliseconds(100)

    private struct State {
        /// The version of the data that others have made, as this process has seen it.
        var version: Int?
        var isPolling = false
        var isStopped = false
    }

    private let database: any DatabaseWriter
    private let rooms: OpenRooms
    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(_ database: any DatabaseWriter, _ rooms: OpenRooms, eventLoop: any EventLoop) {
        self.database = database
        self.rooms = rooms
        self.eventLoop = eventLoop
    }

    /// Begins to look, until all rooms are closed.
    func poll() {
        let isFirst = state.withLock { state in
            defer { state.isPolling = true }
            return !state.isPolling && !state.isStopped
        }
        if isFirst { pollLater() }
    }

    func stop() { state.withLock { $0.isStopped = true } }

    private func pollLater() {
        eventLoop.scheduleTask(in: Self.interval) { [weak self] in
            guard let self else { return }
            let goesOn = state.withLock { state in
                state.isPolling = !rooms.isEmpty && !state.isStopped
                return state.isPolling
            }
            guard goesOn else { return }
            look()
            pollLater()
        }
    }

    /// Hints at the entries that others have committed.
    func look() {
        database.asyncWriteWithoutTransaction { [weak self] database in
            // A failure is found by the next look.
            try? self?.hint(database)
        }
    }

    private func hint(_ database: Database) throws {
        // SQLite's manual, "PRAGMA data_version": it changes with the commits of other connections.
        let version = try Int.fetchOne(database, sql: "PRAGMA data_version")
        let known = state.withLock { state in
            defer { state.version = version }
            return state.version
        }
        guard known != version else { return }
        for (room, end) in rooms.all {
            // One that is damaged does not keep the others from their hints.
            guard let page = try? FileReader.page(room, after: end.offset, database) else { continue }
            let isOther = end.epoch != nil && end.epoch != page.end.epoch
            if isOther || !page.entries.isEmpty { rooms.hint(read: page, of: room) }
        }
    }
}
