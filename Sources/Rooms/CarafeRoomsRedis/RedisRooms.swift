public import CarafeRooms
import CarafeRuntime
public import Logging
import NIOCore
import NIOPosix

extension Rooms {
    /// Creates rooms in Redis 6.2 or later, or Valkey, which several processes on several machines share.
    ///
    /// ```swift
    /// import CarafeRooms
    ///
    /// let rooms = try Rooms(redis: "redis://localhost")
    /// try app.install(rooms)
    /// ```
    ///
    /// A message is acknowledged when Redis has it, as safely as Redis is configured: without `appendonly yes` a
    /// restart loses all rooms, with `appendfsync everysec` a crash loses up to a second, and with `always` nothing.
    /// A failover loses what the replica did not have: set `min-replicas-to-write` there, and `waitForReplicas` here.
    /// Lost messages are reported as a gap to all subscribers. While Redis cannot be reached, publishing fails with 503
    /// within 2 seconds, and subscribers read what the process has.
    ///
    /// All names are in one Redis: a cluster's nodes refuse the rooms of other nodes. `maxmemory-policy` should be
    /// `noeviction`: a room that is evicted is a gap.
    ///
    /// - Parameters:
    ///   - address: `redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]`, or `rediss://…` for TLS.
    ///   - prefix: The beginning of all keys and channels: 1 to 64 visible characters without braces. The processes of
    ///     an app have the same, and those of another app another.
    ///   - start: The start of a program while Redis cannot be reached.
    ///   - isLossless: Whether Redis keeps all that it has acknowledged in every restart and failover, as with
    ///     `appendfsync always` and no replica. Then a restart is not reported as a gap.
    ///   - waitForReplicas: The number of replicas that have a message before it is acknowledged. With fewer within a
    ///     second publishing fails with 503, and the message may be in the room.
    ///   - trustedCertificates: A file in PEM with the certificates that may sign the server's; nil for the system's.
    ///   - logger: The log for the loss of the connection, and its return.
    /// - Throws: An error for a wrong address, prefix or file of certificates.
    public convenience init(
        redis address: String, prefix: String = "carafe", start: Start = .required, isLossless: Bool = false,
        waitForReplicas: Int = 0, trustedCertificates: String? = nil, logger: Logger = Logger(label: "carafe.rooms")
    ) throws {
        var options = RedisEngineOptions(prefix: prefix, isLossless: isLossless, replicaCount: waitForReplicas)
        options.client.trustedCertificates = trustedCertificates
        let executor = EventLoopExecutor(
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(), turnTime: TurnTime())
        let engine = try RedisEngine(RedisAddress(address), options, on: executor, logger: logger)
        self.init(engine: engine, start: start)
    }

    /// The engine, if the rooms are in Redis.
    var redisEngine: RedisEngine {
        get throws {
            guard let engine = engine as? RedisEngine else { throw RedisRoomsError() }
            return engine
        }
    }
}

/// An error for rooms that are not in Redis.
struct RedisRoomsError: Error, CustomStringConvertible {
    var description: String { "expected rooms in Redis, Rooms(redis: \"redis://localhost\"), found others" }
}
