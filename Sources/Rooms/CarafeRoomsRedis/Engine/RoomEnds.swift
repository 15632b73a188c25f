import CarafeRedisCodec
import CarafeRooms

extension RedisSteps {
    /// Returns the ends of rooms, in one step for those that the server has written in its present term.
    func ends(of rooms: ArraySlice<EngineRoom>, _ keys: RedisKeys) async throws(RoomError) -> [RoomPosition] {
        let reply = try await run(RoomScripts.ends, keys: rooms.map { .text(keys.room($0.name)) }) { server in
            [.text(server.term)]
        }
        guard let replies = reply.elements, replies.count == rooms.count else { throw unexpected(reply) }
        var ends = replies.map { RoomPosition($0) }
        let missing = zip(rooms, ends).compactMap { $0.1 == nil ? $0.0 : nil }
        if !missing.isEmpty {
            let others = try await newEnds(of: missing, keys)
            ends = zip(rooms, ends).map { room, end in end ?? others[room] }
        }
        return ends.map { $0 ?? RoomPosition(offset: 0) }
    }

    /// Returns the ends of rooms that were last written in another term, each after the begin of a new epoch.
    private func newEnds(of rooms: [EngineRoom], _ keys: RedisKeys) async throws(RoomError) -> [EngineRoom:
        RoomPosition]
    {
        do {
            return try await withThrowingTaskGroup(of: (EngineRoom, RoomPosition).self) { group in
                for room in rooms { group.addTask { (room, try await self.end(of: room, keys)) } }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        } catch {
            throw .unavailable
        }
    }

    private func end(of room: EngineRoom, _ keys: RedisKeys) async throws(RoomError) -> RoomPosition {
        let reply = try await run(RoomScripts.end, keys.room(room.name), of: room, isWrite: false)
        guard let end = RoomPosition(reply) else { throw unexpected(reply) }
        return end
    }
}
