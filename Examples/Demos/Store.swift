import CarafeRooms
import CarafeRoomsRedis
import CarafeRoomsSQLite
import CarafeSessions
import Foundation
import NIOCore

/// The place where the demos keep their rooms and sessions, as `--store` names it.
public struct Store: Sendable {
    let rooms: Rooms
    let sessions: any SessionStore
    /// The secret that signs the sessions.
    let secret: String

    /// The memory of this process.
    public static var memory: Store {
        Store(rooms: Rooms(), sessions: MemorySessionStore(), secret: newSecret)
    }

    /// A file of SQLite.
    ///
    /// - Throws: `RoomFileError`, or `RoomError.unavailable`.
    public static func file(_ path: String) async throws -> Store {
        let rooms = try Rooms(file: path)
        return try await Store(rooms, SQLiteSessionStore(rooms))
    }

    /// Opens the store of a text: `memory`, `sqlite:FILE` or `redis://HOST:PORT`.
    ///
    /// - Throws: `StoreError` for another text, and the error of the store.
    init(_ text: String) async throws {
        if text == "memory" {
            self = .memory
        } else if text.hasPrefix("sqlite:"), text.utf8.count > 7 {
            self = try await .file(String(text.dropFirst(7)))
        } else if text.hasPrefix("redis://") || text.hasPrefix("rediss://") {
            let rooms = try Rooms(redis: text)
            self = try await Store(rooms, RedisSessionStore(rooms))
        } else {
            throw StoreError(found: text)
        }
    }

    private init(rooms: Rooms, sessions: any SessionStore, secret: String) {
        self.rooms = rooms
        self.sessions = sessions
        self.secret = secret
    }

    /// Takes the secret that the first process of the store has made.
    private init(_ rooms: Rooms, _ sessions: any SessionStore) async throws {
        try await rooms.engine?.waitUntilReady()
        let new = Self.newSecret
        // Ten years, after which all log in again.
        try await sessions.update("secret", for: .seconds(315_360_000)) { $0 == nil ? ByteBuffer(string: new) : nil }
        let kept = try await sessions.load("secret")
        self.init(rooms: rooms, sessions: sessions, secret: kept.map { String(buffer: $0) } ?? new)
    }

    private static var newSecret: String { UUID().uuidString + UUID().uuidString }
}

/// An error for a text that names no store.
struct StoreError: Error, CustomStringConvertible {
    let found: String

    var description: String { "expected memory, sqlite:FILE or redis://HOST:PORT for the store, found \(found)" }
}
