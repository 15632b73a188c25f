import CarafeRedisCodec
package import CarafeRooms
package import CarafeRuntime
import Logging
import NIOCore
import Synchronization

/// Rooms in Redis. Each step is a script; hints are messages of a channel for each room.
///
/// The keys of a room, after `PREFIX:{NAME}`, in which braces of the name are percent-encoded:
///
/// - `:meta` has the epoch, the term of the server that took the writes (`term.lua`), the earlier epochs, the last
///   offset, and sizes.
/// - `:log` is a stream with an entry of the ID `OFFSET-0` for each post.
/// - `:names` has for each name the leases of the nodes that claim it, with `+` for connected and `-` for away.
/// - `:keys` and `:keys:old` have positions by idempotency key: those of the last two minutes, up to a million, and at
///   least the newest 4000, for a day after the last.
///
/// Besides, `PREFIX:nodes` has the end of each node's lease, and `PREFIX:node:LEASE` the node's claims.
package final class RedisEngine: RoomEngine {
    private struct State {
        var receive: (@Sendable (EngineEvent) -> Void)?
        /// The rooms whose hints are wanted, by channel.
        var rooms: [String: String] = [:]
        /// The first connection, and the begin of the lease.
        var beginning: Task<Void, any Error>?
    }

    /// The number of rooms whose ends are read in one step, so that others do not wait for long.
    private static let endCount = 1000

    package let executor: EventLoopExecutor
    let keys: RedisKeys
    let steps: RedisSteps
    private let address: RedisAddress
    private let client: RedisClient
    private let leases: NodeLeases
    private let claims: ClaimSteps
    private let state: Mutex<State>

    init(
        _ address: RedisAddress, _ options: RedisEngineOptions, on executor: EventLoopExecutor, logger: Logger
    ) throws {
        let keys = try RedisKeys(prefix: options.prefix)
        let relay = EventRelay()
        let client = try RedisClient(address, options: options.client, on: executor.eventLoop, logger: logger) {
            relay.engine?.receive($0)
        }
        let steps = RedisSteps(client, options, on: executor.eventLoop, logger: logger)
        self.address = address
        self.executor = executor
        self.keys = keys
        self.client = client
        self.steps = steps
        claims = ClaimSteps(steps: steps, keys: keys)
        leases = NodeLeases(steps, keys, lasting: options.lease, on: executor) { relay.engine?.tell(.claimsLost) }
        state = Mutex(State())
        relay.set(self)
    }

    /// The name of the lease under which this node's claims stand.
    var leaseID: String { leases.id }

    // MARK: The node

    package func start(receiving receive: @escaping @Sendable (EngineEvent) -> Void) {
        state.withLock { $0.receive = receive }
        leases.keepRenewing()
        let beginning = Task.immediate(executorPreference: executor) {
            try await client.start()
            try await leases.renew()
        }
        state.withLock { $0.beginning = beginning }
    }

    package func waitUntilReady() async throws {
        do {
            try await state.withLock { $0.beginning }?.value
        } catch {
            // The server may have been started since the first attempt.
            if (try? await leases.renew()) != nil { return }
            throw RedisStartError(address: "\(address)", reason: ConnectionProblem.text(error))
        }
    }

    package func stop() async {
        await leases.stop()
        client.close()
        state.withLock { $0.receive = nil }
    }

    // MARK: Events

    fileprivate func receive(_ event: RedisClientEvent) {
        switch event {
        case .connected(let server):
            leases.connected(to: server)
            renewAndTell()
        case .subscribed: tell(.connected)
        case .disconnected: tell(.disconnected)
        case .subscriptionsLost: break
        case .message(let message):
            guard let room = state.withLock({ $0.rooms[message.channel] }) else { return }
            tell(.appended(EnginePage(hint: message.payload), room: room))
        }
    }

    /// Renews the lease, without which claims are refused, before claims are made.
    private func renewAndTell() {
        Task.immediate(executorPreference: executor) {
            // After a failure a claim renews it.
            try? await leases.renew()
            tell(.connected)
        }
    }

    fileprivate func tell(_ event: EngineEvent) { state.withLock { $0.receive }?(event) }

    // MARK: The log

    package func append(
        _ post: RoomPost, key: IdempotencyKeys.Key?, to room: EngineRoom
    ) async throws(RoomError) -> RoomPosition {
        var arguments: [RedisCommand.Argument] = [.bytes(PostCodec.encode(post)), key.map(Self.field) ?? ""]
        if let audience = post.audience {
            arguments.append("1")
            arguments += audience.map { .bytes(ByteBuffer(bytes: $0)) }
        }
        let reply = try await steps.run(RoomScripts.append, keys.room(room.name), of: room, arguments, isWrite: true)
        if reply == .integer(0) { throw .nobody(String(decoding: post.audience?.first ?? [], as: UTF8.self)) }
        guard let position = RoomPosition(reply) else { throw steps.unexpected(reply) }
        return position
    }

    /// Returns the field of an idempotency key, which is another for each member.
    private static func field(_ key: IdempotencyKeys.Key) -> RedisCommand.Argument {
        var bytes = ByteBuffer(string: "\(key.member.count):")
        bytes.writeBytes(key.member)
        bytes.writeString(key.key)
        return .bytes(bytes)
    }

    package func open(_ room: EngineRoom) async throws(RoomError) -> EngineOpening {
        let key = keys.room(room.name)
        state.withLock { $0.rooms[key] = room.name }
        try await subscribe(to: key)
        let reply = try await steps.run(RoomScripts.open, key, of: room, isWrite: false)
        guard let opening = EngineOpening(reply) else { throw steps.unexpected(reply) }
        return opening
    }

    private func subscribe(to channel: String) async throws(RoomError) {
        // Unsafe: each command has one reply or one failure.
        let result = await withUnsafeContinuation { continuation in
            client.subscribe(to: channel) { continuation.resume(returning: $0) }
        }
        switch result {
        // The client subscribes as soon as it can, and the node then compares the ends.
        case .success(.array), .failure(.notConnected): return
        case .success(.error(let error)): throw steps.fail("\(error)", kind: error.code.rawValue)
        case .success(let reply): throw steps.unexpected(reply)
        case .failure: throw .unavailable
        }
    }

    package func close(_ room: EngineRoom) {
        let key = keys.room(room.name)
        state.withLock { $0.rooms[key] = nil }
        client.unsubscribe(from: key)
    }

    package func read(_ room: EngineRoom, after offset: UInt64) async throws(RoomError) -> EnginePage {
        let reply = try await steps.run(
            RoomScripts.read, keys.room(room.name), of: room, [.text("(\(offset)-0")], isWrite: false)
        guard let page = EnginePage(reply) else { throw steps.unexpected(reply) }
        return page
    }

    package func ends(of rooms: [EngineRoom]) async throws(RoomError) -> [RoomPosition] {
        var ends: [RoomPosition] = []
        ends.reserveCapacity(rooms.count)
        for start in stride(from: 0, to: rooms.count, by: Self.endCount) {
            ends += try await steps.ends(of: rooms[start..<min(start + Self.endCount, rooms.count)], keys)
        }
        return ends
    }

    // MARK: Presence

    package func claim(
        _ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, in room: EngineRoom
    ) async throws(RoomError) {
        for _ in 0..<2 {
            let lease = leases.id
            switch try await claims.set(name, to: claim, isExclusive: isExclusive, by: lease, in: room) {
            case .set: return
            case .nameInUse: throw .nameInUse(String(decoding: name, as: UTF8.self))
            case .leaseEnded:
                leases.ended(lease)
                try await leases.renew()
            }
        }
        throw .unavailable
    }

    package func remove(_ name: [UInt8], from room: EngineRoom) async throws(RoomError) {
        try await claims.remove(name, from: room)
    }
}

/// The way of events to an engine, whose parts are made before it.
private final class EventRelay: Sendable {
    private struct Reference { weak var engine: RedisEngine? }

    private let reference = Mutex(Reference())

    var engine: RedisEngine? { reference.withLock { $0.engine } }

    func set(_ engine: RedisEngine) { reference.withLock { $0.engine = engine } }
}

/// The reason why an engine cannot be used at the start.
struct RedisStartError: Error, Equatable, CustomStringConvertible {
    let address: String
    let reason: String

    var description: String {
        "expected a Redis at \(address), found: \(reason); start it, correct the address, or start without it: "
            + "Rooms(redis:start: .optional)"
    }
}
