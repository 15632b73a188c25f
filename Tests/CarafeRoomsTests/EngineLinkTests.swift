import CarafeWebSocketCodec
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct EngineLinkTests {
    private let ann = Array("ann".utf8)

    private func rooms(_ engine: NotedEngine) -> (Rooms, Room<Message>) {
        let rooms = Rooms(engine: engine)
        // Force-try: the name is good.
        return (rooms, try! rooms.room("tea", history: RoomHistory()))
    }

    private func texts(_ room: Room<Message>) -> [String?] {
        room.storage.update { $0.log.entries(after: 0) }.filter { $0.kind == .message }.map(\.message.text)
    }

    private func end(_ room: Room<Message>) -> RoomPosition { room.storage.update { $0.log.position } }

    // MARK: Steps

    @Test("the first reader opens the room, and the next ones find the copy")
    func opens() async throws {
        let engine = NotedEngine()
        let (_, room) = rooms(engine)
        engine.publish("1", in: "tea")
        for _ in 1...3 { try await room.storage.prepare(for: .now) }
        #expect(engine.takeCalls() == [.open("tea")] && end(room) == engine.end(of: "tea"))
    }

    @Test("readers who come during a step wait for it, and those with a later position for one more")
    func comeDuring() async throws {
        let engine = NotedEngine()
        let (_, room) = rooms(engine)
        let held = engine.hold(.open("tea"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await room.storage.prepare(for: .now) }
            await held.wait()
            for _ in 1...5 { group.addTask { try await room.storage.prepare(for: .newest(3)) } }
            held.letGo()
            try await group.waitForAll()
        }
        // The five may have come after the step.
        let calls = engine.takeCalls()
        #expect(calls == [.open("tea")] || calls == [.open("tea"), .read("tea", after: 0)])
        engine.publish("1", in: "tea", isHinted: false)
        let position = try #require(engine.end(of: "tea"))
        for _ in 1...2 { try await room.storage.prepare(for: .after(position)) }
        #expect(engine.takeCalls() == [.read("tea", after: 0)] && end(room) == position)
    }

    @Test("a reader is refused while the engine is away, and the next one tries again")
    func away() async throws {
        let engine = NotedEngine()
        let (_, room) = rooms(engine)
        engine.setAway(true)
        for _ in 1...2 {
            await #expect(throws: RoomError.unavailable) { try await room.storage.prepare(for: .now) }
        }
        engine.setAway(false)
        try await room.storage.prepare(for: .now)
        #expect(engine.takeCalls() == Array(repeating: .open("tea"), count: 3))
    }

    @Test("a reader goes on from the copy while the engine is away, but not from a position that the copy has not")
    func readsOn() async throws {
        let engine = NotedEngine()
        let (_, room) = rooms(engine)
        engine.publish("1", in: "tea")
        try await room.storage.prepare(for: .now)
        engine.setAway(true)
        try await room.storage.prepare(for: .now)
        try await room.storage.prepare(for: .after(end(room)))
        let later = RoomPosition(offset: 2, epoch: end(room).epoch)
        await #expect(throws: RoomError.unavailable) { try await room.storage.prepare(for: .after(later)) }
    }

    @Test("a cancelled reader does not wait for a step")
    func cancelled() async throws {
        let engine = NotedEngine()
        let (_, room) = rooms(engine)
        let held = engine.hold(.open("tea"))
        let reader = Task { try await room.storage.prepare(for: .now) }
        await held.wait()
        reader.cancel()
        await #expect(throws: RoomError.unavailable) { try await reader.value }
        held.letGo()
    }

    // MARK: A log of many pages

    private static let texts = (1...9).map { "\($0)" }

    private func publishAll(_ engine: NotedEngine) {
        for text in Self.texts { engine.publish(text, in: "tea", isHinted: false) }
    }

    @Test("a log is opened page by page")
    func pages() async throws {
        let engine = NotedEngine(pageSize: 4)
        let (_, room) = rooms(engine)
        publishAll(engine)
        try await room.storage.prepare(for: .now)
        #expect(engine.takeCalls() == [.open("tea"), .read("tea", after: 4), .read("tea", after: 8)])
        #expect(texts(room) == Self.texts)
    }

    @Test(
        "a log that drops entries while it is opened is copied to its end all the same",
        arguments: [(3, ["7", "8", "9"]), (0, [])])
    func trimmed(count: Int, left: [String]) async throws {
        let engine = NotedEngine(pageSize: 4)
        let (_, room) = rooms(engine)
        publishAll(engine)
        engine.during(.read("tea", after: 4)) { engine.trim("tea", to: count) }
        let position = try #require(engine.end(of: "tea"))
        // A reader of all entries would get those twice that the copy had left out.
        try await room.storage.prepare(for: .after(position))
        #expect(end(room) == position && texts(room) == left)
        #expect(room.storage.update { $0.resolve(.after(position)) }.gap == nil)
    }

    @Test("a log that becomes another one while it is opened is opened again")
    func replaced() async throws {
        let engine = NotedEngine(pageSize: 4)
        let (_, room) = rooms(engine)
        publishAll(engine)
        engine.during(.read("tea", after: 4)) { engine.restart("tea", losing: 2) }
        try await room.storage.prepare(for: .now)
        #expect(end(room) == engine.end(of: "tea") && texts(room) == Array(Self.texts.dropLast(2)))
    }

    // MARK: Claims

    private func claims(_ engine: NotedEngine) -> [NotedEngine.Call] {
        engine.takeCalls().filter { if case .claim = $0 { true } else { false } }
    }

    @Test("claims are told in order, each after the one before")
    func claimsInOrder() async throws {
        let engine = NotedEngine()
        let (_, room) = rooms(engine)
        try await room.storage.prepare(for: .now)
        let held = engine.hold(.claim("ann", .connected, isExclusive: false))
        try room.storage.connect(ann, isShared: true)
        let claim = Task { try await room.storage.claim(ann) }
        await held.wait()
        room.storage.disconnect(ann, on: engine.eventLoop)
        #expect(claims(engine) == [.claim("ann", .connected, isExclusive: false)])
        let last = engine.hold(.claim("ann", .none, isExclusive: false))
        held.letGo()
        try await claim.value
        await last.wait()
        #expect(claims(engine) == [.claim("ann", .none, isExclusive: false)])
        last.letGo()
    }

    @Test("a shared name is admitted while the engine is away, and an exclusive one refused")
    func claimAway() async throws {
        let engine = NotedEngine()
        let (_, room) = rooms(engine)
        try await room.storage.prepare(for: .now)
        engine.setAway(true)
        let bob = Array("bob".utf8)
        try room.storage.connect(ann, isShared: true)
        try await room.storage.claim(ann)
        try room.storage.connect(bob, isShared: false)
        await #expect(throws: RoomError.unavailable) { try await room.storage.claim(bob, isExclusive: true) }
    }

    @Test("an exclusive name is refused that another node has")
    func inUse() async throws {
        let engine = NotedEngine()
        let (_, room) = rooms(engine)
        try await room.storage.prepare(for: .now)
        engine.setInUse("ann")
        try room.storage.connect(ann, isShared: false)
        await #expect(throws: RoomError.nameInUse("ann")) { try await room.storage.claim(ann, isExclusive: true) }
        room.storage.disconnect(ann, on: engine.eventLoop)
        let wanted: [NotedEngine.Call] = [
            .claim("ann", .connected, isExclusive: true), .claim("ann", .none, isExclusive: false),
        ]
        #expect(claims(engine) == wanted && room.storage.update { $0.claims.isEmpty })
    }

    @Test("only the connection that wants an exclusive name tells it: nobody else could be refused")
    func exclusive() async throws {
        let engine = NotedEngine()
        let (rooms, room) = rooms(engine)
        try await room.storage.prepare(for: .now)
        // The end of the last connection is being told when the next one comes.
        try room.storage.connect(ann, isShared: false)
        try await room.storage.claim(ann, isExclusive: true)
        let held = engine.hold(.claim("ann", .none, isExclusive: false))
        room.storage.disconnect(ann, on: engine.eventLoop)
        await held.wait()
        engine.setInUse("ann")
        try room.storage.connect(ann, isShared: false)
        let claim = Task { try await room.storage.claim(ann, isExclusive: true) }
        held.letGo()
        await #expect(throws: RoomError.nameInUse("ann")) { try await claim.value }
        #expect(!engine.calls.contains(.claim("ann", .connected, isExclusive: false)))
        room.storage.disconnect(ann, on: engine.eventLoop)
        // Nor do the checks of the node.
        try room.storage.connect(ann, isShared: false)
        await engine.eventLoop.advanceTime(by: .seconds(6))
        #expect(!engine.calls.contains(.claim("ann", .connected, isExclusive: false)))
        withExtendedLifetime(rooms) {}
    }
}
