import CarafeRedisCodec
import CarafeRooms
import NIOCore

/// The steps that change the claims on names.
struct ClaimSteps: Sendable {
    /// The reply to a claim.
    enum Outcome: Int {
        case leaseEnded = -1
        case nameInUse = 0
        case set = 1
    }

    let steps: RedisSteps
    let keys: RedisKeys

    /// Sets the claim of a node on a name.
    ///
    /// - Parameter isExclusive: Whether the claim is refused if another node has a connection of the name.
    func set(
        _ name: [UInt8], to claim: EngineClaim, isExclusive: Bool, by node: String, in room: EngineRoom
    ) async throws(RoomError) -> Outcome {
        let text = String(decoding: name, as: UTF8.self)
        let reply = try await steps.run(
            RoomScripts.claim, keys.room(room.name), of: room,
            otherKeys: [.text(keys.nodes), .text(keys.node + node)],
            [
                .bytes(ByteBuffer(bytes: name)), .text(node), claim.sign, isExclusive ? "1" : "0",
                .bytes(PostCodec.encode(.change(.joined(text)))), .bytes(PostCodec.encode(.change(.left(text)))),
                .bytes(NodeClaim(on: name, in: room.name).bytes),
            ], isWrite: true)
        guard let outcome = reply.number.flatMap({ Outcome(rawValue: $0) }) else { throw steps.unexpected(reply) }
        return outcome
    }

    /// Ends all claims on a name.
    func remove(_ name: [UInt8], from room: EngineRoom) async throws(RoomError) {
        let left = RoomPost.change(.left(String(decoding: name, as: UTF8.self)))
        _ = try await steps.run(
            RoomScripts.remove, keys.room(room.name), of: room,
            [
                .bytes(ByteBuffer(bytes: name)), .bytes(PostCodec.encode(.removal(of: name))),
                .bytes(PostCodec.encode(left)), .text(keys.node), .bytes(NodeClaim(on: name, in: room.name).bytes),
            ], isWrite: true)
    }
}

extension EngineClaim {
    fileprivate var sign: RedisCommand.Argument {
        switch self {
        case .none: ""
        case .away: "-"
        case .connected: "+"
        }
    }
}
