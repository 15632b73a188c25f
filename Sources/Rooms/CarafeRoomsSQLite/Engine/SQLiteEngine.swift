import CarafeRooms
import CarafeRuntime
import GRDB
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The engine that keeps rooms in a file of SQLite, for the processes of one machine.
final class SQLiteEngine: RoomEngine {
    private static let refreshInterval = TimeAmount.seconds(5)

    private struct State {
        /// Whether this process has claims, and refreshes its lease.
        var isRefreshing = false
        var isStopped = false
    }

    let executor: EventLoopExecutor
    /// The file's own identifier, by which a transaction of the app is known to be in it.
    let fileIdentifier: String
    let rooms: OpenRooms
    let commits: GroupCommit
    private let others: OtherProcesses
    private let upkeep: Upkeep
    private let database: any DatabaseWriter
    private let file: RoomFile
    private let place: FilePlace
    private let faults: FaultLog
    private let node = UInt64.random(in: .min ... .max).hexadecimal
    private let state = Mutex(State())

    /// - Throws: `RoomFileError`.
    init(
        _ database: any DatabaseWriter, durability: FileDurability, boot: String = RoomFile.boot,
        eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        logger: Logger = Logger(label: "carafe.rooms")
    ) throws {
        self.database = database
        file = RoomFile(boot: boot, durability: durability)
        fileIdentifier = try file.prepare(database, node: node)
        executor = EventLoopExecutor(eventLoop: eventLoop, turnTime: TurnTime())
        let (rooms, faults) = (OpenRooms(), FaultLog(path: database.path, logger: logger))
        let place = FilePlace(database.path)
        let others = OtherProcesses(database, rooms, eventLoop: eventLoop)
        (self.rooms, self.faults, self.place, self.others) = (rooms, faults, place, others)
        upkeep = Upkeep(database, eventLoop: eventLoop, faults: faults)
        commits = GroupCommit(
            database, at: place, eventLoop: eventLoop, committed: { if !rooms.hint($0) { others.look() } },
            failed: { faults.note($0, at: .write) })
    }

    // MARK: The node

    func start(receiving receive: @escaping @Sendable (EngineEvent) -> Void) {
        rooms.start(receive)
        upkeep.start()
    }

    func waitUntilReady() async throws {}

    func stop() async {
        state.withLock { $0.isStopped = true }
        others.stop()
        upkeep.stop()
        commits.close()
        let node = node
        // A file that cannot be written keeps the claims until the lease has ended.
        try? await database.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                try RoomFile.reap(node, database)
                return .commit
            }
            _ = try? database.checkpoint(.truncate)
        }
    }

    // MARK: The log

    func append(
        _ post: RoomPost, key: IdempotencyKeys.Key?, to room: EngineRoom
    ) async throws(RoomError) -> RoomPosition {
        try await commits.perform { try $0.append(post, key: key, to: room) }
    }

    func open(_ room: EngineRoom) async throws(RoomError) -> EngineOpening {
        // Before the log is read: an entry that follows is hinted at.
        rooms.open(room.name, at: RoomPosition(offset: 0))
        others.poll()
        if let opening = try await read({ try FileReader.opening(room, $0) }) {
            rooms.note(opening.page.end, of: room.name)
            return opening
        }
        return try await commits.perform { try $0.create(room) }
    }

    func close(_ room: EngineRoom) { rooms.close(room.name) }

    func read(_ room: EngineRoom, after offset: UInt64) async throws(RoomError) -> EnginePage {
        try await read { try FileReader.page(room.name, after: offset, $0) }
    }

    func ends(of rooms: [EngineRoom]) async throws(RoomError) -> [RoomPosition] {
        let rows = try await read { database in try rooms.map { try RoomRow.read($0.name, database) } }
        await noteUse(of: zip(rooms, rows).compactMap { room, row in row.map { (room.name, $0) } })
        // A room that is not in the file has an end that no copy has.
        return rows.map { $0?.end ?? RoomPosition(offset: 0) }
    }

    /// Keeps rooms that are read here, but to which nobody has posted for long, from being forgotten.
    private func noteUse(of rooms: [(name: String, row: RoomRow)]) async {
        let now = WallClock.milliseconds
        let idle = rooms.filter { $0.row.isIdle(at: now) }.map(\.name)
        // After a failure the next call tries again.
        if !idle.isEmpty { try? await commits.perform { try $0.use(idle) } }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(RoomError) -> Value {
        do {
            // A new connection would be to the file that is there now.
            try place.require()
            let value = try await database.read(body)
            try place.require()
            return value
        } catch {
            faults.note(error, at: .read)
            throw .unavailable
        }
    }

    /// Checks that a connection is to the file of this engine, and that the file is at its path.
    ///
    /// - Throws: `RoomFileError`.
    func require(_ connection: Database) throws {
        try place.require()
        let found = try? String.fetchOne(connection, sql: "SELECT value FROM carafe_file WHERE key = 'file'")
        guard found == fileIdentifier else {
            throw RoomFileError(
                path: database.path,
                problem: "expected a connection to this file, found one to another database; open "
                    + "the rooms by `Rooms(database:)`")
        }
    }

    // MARK: Presence

    func claim(
        _ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, in room: EngineRoom
    ) async throws(RoomError) {
        refreshLease()
        try await commits.perform { [node] transaction in
            try transaction.claim(name, as: claim, isExclusive: isExclusive, by: node, in: room)
        }
    }

    func remove(_ name: [UInt8], from room: EngineRoom) async throws(RoomError) {
        try await commits.perform { try $0.remove(name, from: room) }
    }

    /// Refreshes the lease of this process from its first claim on.
    private func refreshLease() {
        let isFirst = state.withLock { state in
            defer { state.isRefreshing = true }
            return !state.isRefreshing && !state.isStopped
        }
        if isFirst { refresh() }
    }

    private func refresh() {
        database.asyncWriteWithoutTransaction { [weak self] database in
            guard let self else { return }
            // A failure is tried again; a lease that ends meanwhile is found then.
            try? database.inTransaction(.immediate) {
                if try !NodeLease.refresh(self.node, database) {
                    try self.file.register(self.node, database)
                    self.rooms.send(.claimsLost)
                }
                return .commit
            }
        }
        executor.eventLoop.scheduleTask(in: Self.refreshInterval) { [weak self] in
            guard let self, !state.withLock({ $0.isStopped }) else { return }
            refresh()
        }
    }
}
