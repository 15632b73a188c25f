import CarafeRooms
import CarafeRuntime
import Synchronization

/// An engine with a fault of `ChaosMutation`, in front of a right one.
final class ChaosEngine: RoomEngine {
    private let engine: any RoomEngine
    private let mutation: ChaosMutation
    /// The first epoch of each room.
    private let epochs = Mutex<[String: String]>([:])

    init(_ engine: any RoomEngine, _ mutation: ChaosMutation) {
        self.engine = engine
        self.mutation = mutation
    }

    var executor: EventLoopExecutor { engine.executor }

    // MARK: The node

    func start(receiving receive: @escaping @Sendable (EngineEvent) -> Void) {
        engine.start { [mutation] event in
            if case .appended = event, mutation == .droppedHint, Bool.random() { return }
            receive(event)
        }
    }

    func waitUntilReady() async throws { try await engine.waitUntilReady() }

    func stop() async { await engine.stop() }

    // MARK: The log

    func append(
        _ post: RoomPost, key: IdempotencyKeys.Key?, to room: EngineRoom
    ) async throws(RoomError) -> RoomPosition {
        switch mutation {
        case .doubledDelivery where Int.random(in: 0..<20) == 0:
            _ = try await engine.append(post, key: nil, to: room)
        case .earlyAcknowledgement where Int.random(in: 0..<20) == 0:
            let end = try await engine.ends(of: [room]).first
            return RoomPosition(offset: (end?.offset ?? 0) + 1, epoch: end?.epoch)
        default: break
        }
        return kept(
            try await engine.append(post, key: mutation == .forgottenKey ? nil : key, to: room), in: room)
    }

    func open(_ room: EngineRoom) async throws(RoomError) -> EngineOpening {
        var opening = try await engine.open(room)
        opening.page.end = kept(opening.page.end, in: room)
        switch mutation {
        case .keptEpoch: opening.line = RoomLine(epoch: opening.page.end.epoch ?? opening.line.epoch)
        case .silentLoss:
            // Each position of the first epoch seems to be in the log.
            let first = epochs.withLock { epochs in
                defer { epochs[room.name] = epochs[room.name] ?? opening.line.epoch }
                return epochs[room.name]
            }
            if let first, first != opening.line.epoch {
                opening.line = RoomLine(epoch: opening.line.epoch, earlier: [.init(name: first, last: .max)])
            }
        default: break
        }
        return opening
    }

    func close(_ room: EngineRoom) { engine.close(room) }

    func read(_ room: EngineRoom, after offset: UInt64) async throws(RoomError) -> EnginePage {
        var page = try await engine.read(room, after: offset)
        page.end = kept(page.end, in: room)
        return page
    }

    func ends(of rooms: [EngineRoom]) async throws(RoomError) -> [RoomPosition] {
        if mutation == .droppedHint { throw .unavailable }
        return zip(try await engine.ends(of: rooms), rooms).map { kept($0, in: $1) }
    }

    /// Returns a position in the room's first epoch, if the mutation never changes it.
    private func kept(_ position: RoomPosition, in room: EngineRoom) -> RoomPosition {
        guard mutation == .keptEpoch, let epoch = position.epoch else { return position }
        return epochs.withLock { epochs in
            let first = epochs[room.name] ?? epoch
            epochs[room.name] = first
            return RoomPosition(offset: position.offset, epoch: first)
        }
    }

    // MARK: Presence

    func claim(
        _ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, in room: EngineRoom
    ) async throws(RoomError) {
        if mutation == .forgottenDeparture, claim != .connected { return }
        try await engine.claim(name, as: claim, isExclusive: isExclusive, in: room)
    }

    func remove(_ name: [UInt8], from room: EngineRoom) async throws(RoomError) {
        try await engine.remove(name, from: room)
    }
}
