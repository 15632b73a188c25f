import CarafeRedisCodec
public import CarafeRooms
public import CarafeSessions
public import NIOCore

/// A store of sessions in the Redis of an app's rooms, which all processes share.
///
/// ```swift
/// import CarafeRooms
/// import CarafeSessions
///
/// let rooms = try Rooms(redis: "redis://localhost")
/// try app.install(rooms)
/// try app.install(Sessions(secret: secret, store: RedisSessionStore(rooms)))
/// ```
///
/// While Redis cannot be reached, requests that use their session fail with 503 within 2 seconds. A restart of Redis
/// may lose sessions, as it may lose messages.
public struct RedisSessionStore: SessionStore {
    /// The maximum number of attempts to change a session that other requests change at the same time.
    private static let attemptLimit = 32

    private let engine: RedisEngine

    /// Creates a store.
    ///
    /// - Throws: An error for rooms that are not in Redis.
    public init(_ rooms: Rooms) throws {
        engine = try rooms.redisEngine
    }

    private func key(_ id: String) -> RedisCommand.Argument { .text(engine.keys.session(id)) }

    /// Loads the bytes of a session, or nil if there are none or their time is over.
    ///
    /// - Throws: `RoomError.unavailable`, as all functions of the store.
    public func load(_ id: String) async throws -> ByteBuffer? {
        let reply = try await engine.steps.send(RedisCommand("GET", key(id)))
        switch reply {
        case .bulk(let bytes): return bytes
        case .null: return nil
        default: throw engine.steps.unexpected(reply)
        }
    }

    /// Saves the bytes of a session for a time.
    public func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) async throws {
        _ = try await engine.steps.send(RedisCommand("SET", key(id), .bytes(bytes), "PX", Self.milliseconds(time)))
    }

    /// Returns those of these sessions that are not there, or whose time is over.
    public func missing(among ids: [String]) async throws -> [String] {
        try await withThrowingTaskGroup { group in
            for id in ids {
                group.addTask { try await engine.steps.send(RedisCommand("EXISTS", key(id))) == .integer(0) ? id : nil }
            }
            return try await group.reduce(into: []) { missing, id in if let id { missing.append(id) } }
        }
    }

    /// Removes a session.
    public func remove(_ id: String) async throws {
        _ = try await engine.steps.send(RedisCommand("DEL", key(id)))
    }

    /// Changes the bytes of a session; the change is made again if another request, of any process, was earlier.
    ///
    /// - Throws: The error of `change`, or `RoomError.unavailable`.
    public func update(
        _ id: String, for time: Duration, _ change: @escaping @Sendable (ByteBuffer?) throws -> ByteBuffer?
    ) async throws {
        for _ in 0..<Self.attemptLimit {
            let found = try await load(id)
            guard let bytes = try change(found) else { return }
            let reply = try await engine.steps.run(RoomScripts.session, keys: [key(id)]) { _ in
                [.bytes(found ?? ByteBuffer()), .bytes(bytes), Self.milliseconds(time), found == nil ? "0" : "1"]
            }
            if reply == .integer(1) { return }
        }
        throw engine.steps.fail("expected a session that others do not change all the time")
    }

    private static func milliseconds(_ time: Duration) -> RedisCommand.Argument {
        .integer(max(1, Int(time / .milliseconds(1))))
    }
}
