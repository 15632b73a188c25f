public import CarafeRooms
public import CarafeSessions
import Foundation
import GRDB
import HTTPTypes
public import NIOCore

/// A store of sessions in the file of rooms, in the same commits.
///
/// ```swift
/// import CarafeRooms
/// import CarafeSessions
///
/// let rooms = try Rooms(file: "app.sqlite")
/// try app.install(Sessions(secret: secret, store: SQLiteSessionStore(rooms)))
/// ```
///
/// While the file cannot be used, requests that use their session fail with 503 within 2 seconds.
public struct SQLiteSessionStore: SessionStore {
    private let engine: SQLiteEngine

    /// Creates the store of a file.
    ///
    /// - Parameter rooms: Rooms of `Rooms(file:)` or `Rooms(database:)`.
    /// - Throws: `RoomFileError` for other rooms.
    public init(_ rooms: Rooms) throws {
        guard let engine = rooms.engine as? SQLiteEngine else {
            throw RoomFileError(
                path: "memory", problem: "expected the rooms of `Rooms(file:)` or `Rooms(database:)`, found others",
                content: "sessions")
        }
        self.engine = engine
    }

    /// Returns the bytes of a session, or nil if there are none or their time is over.
    ///
    /// - Throws: An `HTTPError` of 503 if the file cannot be used, as all functions of the store.
    public func load(_ id: String) async throws -> ByteBuffer? {
        try await read { try $0.load(id) }
    }

    /// Saves the bytes of a session for a time.
    public func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) async throws {
        try await write { try $0.save(id, bytes, for: time) }
    }

    /// Changes the bytes of a session in one step of all processes.
    ///
    /// - Throws: The error of `change`, or an `HTTPError` of 503.
    public func update(
        _ id: String, for time: Duration, _ change: @escaping @Sendable (ByteBuffer?) throws -> ByteBuffer?
    ) async throws {
        let refusal = try await write { table -> (any Error)? in
            let kept = try table.load(id)
            do {
                if let bytes = try change(kept) { try table.save(id, bytes, for: time) }
                return nil
            } catch let error where !(error is DatabaseError) {
                // The transaction is that of other callers too.
                return error
            }
        }
        if let refusal { throw refusal }
    }

    /// Returns those of these sessions that are not in the file, or whose time is over.
    public func missing(among ids: [String]) async throws -> [String] {
        try await read { table in try ids.filter { try table.load($0) == nil } }
    }

    /// Removes a session.
    public func remove(_ id: String) async throws {
        try await write { try $0.remove(id) }
    }

    // MARK: The file

    private func read<Value: Sendable>(_ body: @escaping @Sendable (SessionTable) throws -> Value) async throws -> Value
    {
        do { return try await engine.read { try body(SessionTable($0)) } } catch { throw Self.unavailable }
    }

    private func write<Value: Sendable>(_ body: @escaping @Sendable (SessionTable) throws -> Value) async throws
        -> Value
    {
        do {
            return try await engine.commits.perform { try body(SessionTable($0.database)) }
        } catch {
            throw Self.unavailable
        }
    }

    /// The engine's own error speaks of a room.
    private static let unavailable = HTTPError(
        .serviceUnavailable, "The session store cannot be reached; try again.", headers: [.retryAfter: "2"])
}

/// The table of sessions, each with the end of its time in milliseconds since 1970.
private struct SessionTable {
    private let database: Database
    private let now = WallClock.milliseconds

    init(_ database: Database) {
        self.database = database
    }

    func load(_ id: String) throws -> ByteBuffer? {
        let statement = try database.cachedStatement(sql: "SELECT bytes FROM carafe_session WHERE id = ? AND end > ?")
        return try Data.fetchOne(statement, arguments: [id, now]).map { ByteBuffer(bytes: $0) }
    }

    func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) throws {
        let end = now + Int64(min(time.components.seconds, 1 << 40)) * 1000
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO carafe_session VALUES (?, ?, ?)")
            .execute(arguments: [id, Data(bytes.readableBytesView), end])
        // A few of those that are over, so that they never become many.
        try database.cachedStatement(
            sql: """
                DELETE FROM carafe_session WHERE id IN
                (SELECT id FROM carafe_session WHERE end <= ? ORDER BY end LIMIT 4)
                """
        ).execute(arguments: [now])
    }

    func remove(_ id: String) throws {
        try database.cachedStatement(sql: "DELETE FROM carafe_session WHERE id = ?").execute(arguments: [id])
    }
}
