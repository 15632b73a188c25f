import CarafeRedisCodec
import CarafeRooms
import Logging
import NIOCore
import Synchronization

/// Runs scripts, and makes one error of all failures: `unavailable`, with a line in the log for each kind a minute.
final class RedisSteps: Sendable {
    /// The time that Redis waits for replicas, in milliseconds.
    private static let replicaTime = 1000

    private let client: RedisClient
    private let replicaCount: Int
    private let replicas: ReplicaWait
    /// The entry of a break, for a server that may lose entries at its end.
    private let breakEntry: RedisCommand.Argument
    private let failures = Mutex(FailureLog())
    private let logger: Logger

    init(_ client: RedisClient, _ options: RedisEngineOptions, on eventLoop: any EventLoop, logger: Logger) {
        self.client = client
        self.logger = logger
        replicaCount = options.replicaCount
        breakEntry = .bytes(options.isLossless ? ByteBuffer() : PostCodec.encode(.break))
        replicas = ReplicaWait(
            on: eventLoop, command: RedisCommand("WAIT", .integer(replicaCount), .integer(Self.replicaTime)),
            client: client)
    }

    /// Runs a script of a room.
    ///
    /// - Parameters:
    ///   - key: The key of the room.
    ///   - otherKeys: More keys of the script.
    ///   - arguments: The arguments after those that all scripts of a room have.
    ///   - isWrite: Whether replicas are to have the step.
    func run(
        _ script: RedisScript, _ key: String, of room: EngineRoom, otherKeys: [RedisCommand.Argument] = [],
        _ arguments: [RedisCommand.Argument] = [], isWrite: Bool
    ) async throws(RoomError) -> RedisReply {
        let retention = room.retention
        let age = retention.ageLimit.map { max(1, Int($0 / .milliseconds(1))) } ?? 0
        let replicas = isWrite && replicaCount > 0 ? replicas : nil
        return try await run(script, keys: [.text(key)] + otherKeys, replicas: replicas) { [breakEntry] server in
            var all: [RedisCommand.Argument] = [.text(server.term), .text(RoomLine.makeEpoch()), breakEntry]
            all.reserveCapacity(6 + arguments.count)
            all += [.integer(retention.countLimit), .integer(retention.byteLimit), .integer(age)]
            return all + arguments
        }
    }

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - replicas: The replicas that are to have the step; nil for none.
    ///   - arguments: Returns the arguments for the server that gets the script.
    func run(
        _ script: RedisScript, keys: [RedisCommand.Argument], replicas: ReplicaWait? = nil,
        _ arguments: @escaping @Sendable (RedisServer) -> [RedisCommand.Argument]
    ) async throws(RoomError) -> RedisReply {
        typealias Reply = Result<RedisReply, RedisUnavailableError>
        // Unsafe: each command has one reply or one failure.
        let (result, acknowledgement) = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<(Reply, Reply?), Never>) in
            client.run(script, keys: keys, arguments) { result in
                guard let replicas, case .success = result else { return continuation.resume(returning: (result, nil)) }
                replicas.wait { continuation.resume(returning: (result, $0)) }
            }
        }
        let reply = try value(of: result)
        guard let acknowledgement else { return reply }
        let count = try value(of: acknowledgement).number ?? 0
        if count < replicaCount { throw fail("expected \(replicaCount) replicas with an entry, found \(count)") }
        return reply
    }

    func send(_ command: RedisCommand) async throws(RoomError) -> RedisReply {
        // Unsafe: each command has one reply or one failure.
        let result = await withUnsafeContinuation { continuation in
            client.send(command) { continuation.resume(returning: $0) }
        }
        return try value(of: result)
    }

    private func value(of result: Result<RedisReply, RedisUnavailableError>) throws(RoomError) -> RedisReply {
        switch result {
        case .success(.error(let error)): throw fail("\(error)", kind: error.code.rawValue)
        case .success(let reply): return reply
        case .failure(.tooManyPending(let limit)): throw fail("\(RedisUnavailableError.tooManyPending(limit: limit))")
        // The client has logged the end of the connection.
        case .failure: throw .unavailable
        }
    }

    /// Logs a reply of another form than a script has.
    func unexpected(_ reply: RedisReply) -> RoomError { fail("expected the reply of a script, found \(reply.kind)") }

    /// Logs a failure, unless one of its kind was logged within a minute.
    func fail(_ text: String, kind: String? = nil) -> RoomError {
        if failures.withLock({ $0.failed(kind ?? text, at: .now()) }) { logger.error("rooms in Redis: \(text)") }
        return .unavailable
    }
}
