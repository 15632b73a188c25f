import CarafeRedisCodec
import CarafeRooms
import NIOCore

/// Ends the claims of a node whose lease has ended. Several nodes may do so at the same time.
struct ClaimReaper: Sendable {
    /// The number of claims that are ended at a time.
    private static let count = 100

    let steps: RedisSteps
    let keys: RedisKeys

    /// Ends all claims of a node, and then its lease, so that a step that fails is taken again.
    func reap(_ node: String) async throws(RoomError) {
        let key = RedisCommand.Argument.text(keys.node + node)
        while true {
            let reply = try await steps.send(RedisCommand("SRANDMEMBER", key, .integer(Self.count)))
            guard let members = reply.elements else { throw steps.unexpected(reply) }
            if members.isEmpty { break }
            do {
                try await end(members, of: node)
            } catch {
                throw .unavailable
            }
        }
        _ = try await steps.send(RedisCommand("ZREM", .text(keys.nodes), .text(node)))
    }

    private func end(_ members: [RedisReply], of node: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for case .bulk(let bytes) in members { group.addTask { try await end(bytes, of: node) } }
            try await group.waitForAll()
        }
    }

    private func end(_ member: ByteBuffer, of node: String) async throws(RoomError) {
        guard let claim = NodeClaim(member) else {
            _ = try await steps.send(RedisCommand("SREM", .text(keys.node + node), .bytes(member)))
            return
        }
        // This node may not know the room's history, and drops nothing of it.
        var room = EngineRoom(name: claim.room, history: RoomHistory(countLimit: .max, byteLimit: .max))
        room.retention.ageLimit = nil
        _ = try await ClaimSteps(steps: steps, keys: keys)
            .set(claim.name, to: .none, isExclusive: false, by: node, in: room)
    }
}
