import CarafeWebSocketCodec
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import CarafeRooms

@Suite(.timeLimit(.minutes(10))) struct RoomNodeTests {
    private let engine = NotedEngine()
    private let rooms: Rooms

    init() { rooms = Rooms(engine: engine) }

    private func advance(by time: TimeAmount) async { await engine.eventLoop.advanceTime(by: time) }

    private func room(_ name: String, presence: PresenceOptions? = nil) throws -> Room<Message> {
        try rooms.room(name, history: RoomHistory(), presence: presence)
    }

    /// Adds a reader of a room, whose copy is opened for it.
    private func read(_ room: Room<Message>) async throws -> UInt64 {
        try await room.storage.prepare(for: .now)
        return room.storage.update { $0.addEntryReader(.now).ticket }
    }

    private func stopReading(_ room: Room<Message>, _ ticket: UInt64) {
        room.storage.update { $0.removeEntryReader(ticket) }
    }

    private func isOpen(_ room: Room<Message>) -> Bool { room.storage.update { $0.copy.steps.isOpen } }

    // MARK: Checks

    @Test("the ends of all rooms with readers are compared in one call, each 5 to 6 s")
    func comparisons() async throws {
        var kept: [Room<Message>] = []
        for name in ["tea", "coffee", "milk"] {
            let room = try room(name)
            _ = try await read(room)
            kept.append(room)
        }
        _ = engine.takeCalls()
        await advance(by: .milliseconds(4999))
        #expect(engine.takeCalls().isEmpty)
        await advance(by: .milliseconds(1001))
        #expect(engine.takeCalls() == [.ends(of: ["tea", "coffee", "milk"])])
        await advance(by: .minutes(1))
        let calls = engine.takeCalls()
        #expect((10...12).contains(calls.count) && Set(calls) == [.ends(of: ["tea", "coffee", "milk"])])
    }

    @Test("nodes that start together do not compare together")
    func jitter() async throws {
        let nodes = (0..<10).map { _ in NotedEngine(on: engine.eventLoop) }
        let all = nodes.map { Rooms(engine: $0) }
        var kept: [Room<Message>] = []
        for rooms in all {
            kept.append(try rooms.room("tea"))
            _ = try await kept[kept.count - 1].position
        }
        var times: Set<Int> = []
        for time in 1...60 {
            await advance(by: .milliseconds(100))
            for node in nodes where node.takeCalls().contains(.ends(of: ["tea"])) { times.insert(time) }
        }
        #expect(times.count > 1 && times.allSatisfy { $0 >= 50 })
    }

    @Test("after a connection the ends are compared at once")
    func connection() async throws {
        let room = try room("tea")
        _ = try await read(room)
        engine.publish("1", in: "tea", isHinted: false)
        _ = engine.takeCalls()
        engine.send(.connected)
        #expect(engine.takeCalls() == [.ends(of: ["tea"]), .read("tea", after: 0)])
        #expect(room.storage.update { $0.log.position } == engine.end(of: "tea"))
    }

    @Test("a lost hint costs a check, and a check that fails the next one")
    func lostHint() async throws {
        let room = try room("tea")
        _ = try await read(room)
        engine.publish("1", in: "tea", isHinted: false)
        engine.setAway(true)
        await advance(by: .seconds(6))
        #expect(room.storage.update { $0.log.position.offset } == 0)
        engine.setAway(false)
        await advance(by: .seconds(6))
        #expect(room.storage.update { $0.log.position.offset } == 1)
    }

    @Test("a copy that goes on during a comparison is not read again, and one that is ahead of the engine is")
    func goesOn() async throws {
        let room = try room("tea")
        _ = try await read(room)
        let engine = engine
        engine.during(.ends(of: ["tea"])) { engine.publish("1", in: "tea") }
        _ = engine.takeCalls()
        engine.send(.connected)
        #expect(engine.takeCalls() == [.ends(of: ["tea"])])
        engine.restart("tea", losing: 1)
        engine.send(.connected)
        #expect(engine.takeCalls() == [.ends(of: ["tea"]), .read("tea", after: 1), .open("tea")])
    }

    // MARK: Rooms that nobody reads

    @Test("a room that is only published to costs nothing but that")
    func published() async throws {
        let room = try room("tea")
        for _ in 1...3 { try await room.publish("1") }
        await advance(by: .minutes(3))
        #expect(engine.takeCalls() == Array(repeating: .append(to: "tea"), count: 3))
    }

    @Test("the copy of a room is closed a minute after its last reader, and then costs nothing")
    func forgets() async throws {
        let room = try room("tea")
        let reader = try await read(room)
        await advance(by: .minutes(10))
        stopReading(room, reader)
        _ = engine.takeCalls()
        await advance(by: .seconds(53))
        #expect(isOpen(room) && !engine.takeCalls().contains(.close("tea")))
        await advance(by: .seconds(20))
        #expect(!isOpen(room) && engine.takeCalls().contains(.close("tea")))
        engine.publish("1", in: "tea")
        await advance(by: .minutes(3))
        #expect(engine.takeCalls().isEmpty)
        _ = try await read(room)
        #expect(engine.takeCalls() == [.open("tea")] && room.storage.update { $0.log.position.offset } == 1)
    }

    @Test("a room is used as long as anybody looks at it")
    func looks() async throws {
        let room = try room("tea")
        for _ in 1...10 {
            _ = try await room.position
            await advance(by: .seconds(50))
        }
        #expect(isOpen(room) && !engine.takeCalls().contains(.close("tea")))
    }

    @Test("a room in which this node has a claim is not closed")
    func claims() async throws {
        let room = try room("tea")
        try await room.storage.prepare(for: .now)
        try room.storage.connect(Array("ann".utf8), isShared: true)
        try await room.storage.claim(Array("ann".utf8))
        await advance(by: .minutes(3))
        #expect(isOpen(room) && !engine.takeCalls().contains(.close("tea")))
    }

    @Test("a room whose engine cannot be reached is closed too")
    func away() async throws {
        let room = try room("tea")
        engine.setAway(true)
        await #expect(throws: RoomError.unavailable) { try await room.position }
        await advance(by: .minutes(2))
        #expect(engine.takeCalls() == [.open("tea"), .close("tea")])
    }

    // MARK: Posts of this node

    @Test("a post whose hint is lost is read after 100 ms, once for all posts of that time")
    func ownPosts() async throws {
        let room = try room("tea")
        _ = try await read(room)
        _ = engine.takeCalls()
        for _ in 1...3 { try await room.publish("1") }
        await advance(by: .milliseconds(99))
        #expect(engine.takeCalls() == Array(repeating: .append(to: "tea"), count: 3))
        await advance(by: .milliseconds(1))
        #expect(engine.takeCalls() == [.read("tea", after: 0)] && room.storage.update { $0.log.position.offset } == 3)
        try await room.publish("4")
        await advance(by: .milliseconds(100))
        #expect(room.storage.update { $0.log.position.offset } == 4)
    }

    @Test("a post whose hint comes is not read")
    func hintedPost() async throws {
        let room = try room("tea")
        _ = try await read(room)
        let engine = engine
        let position = RoomPosition(offset: 1, epoch: engine.end(of: "tea")?.epoch)
        let entry = EngineEntry(offset: 1, time: 0, post: RoomPost(.text("1")))
        engine.during(.append(to: "tea")) {
            engine.send(.appended(EnginePage(end: position, entries: [entry]), room: "tea"))
        }
        _ = engine.takeCalls()
        try await room.publish("1")
        await advance(by: .seconds(1))
        #expect(engine.takeCalls() == [.append(to: "tea")])
    }

    // MARK: Claims

    @Test("claims that the engine has ended, or may not know, are told again")
    func claimsAgain() async throws {
        let room = try room("tea", presence: PresenceOptions())
        try await room.storage.prepare(for: .now)
        let ann = Array("ann".utf8)
        try room.storage.connect(ann, isShared: true)
        try await room.storage.claim(ann)
        let claim = NotedEngine.Call.claim("ann", .connected, isExclusive: false)
        #expect(engine.takeCalls() == [.open("tea"), claim])
        engine.send(.claimsLost)
        #expect(engine.takeCalls() == [claim])
        engine.setAway(true)
        engine.send(.claimsLost)
        engine.setAway(false)
        _ = engine.takeCalls()
        await advance(by: .seconds(6))
        #expect(engine.takeCalls() == [claim, .ends(of: ["tea"])])
        await advance(by: .seconds(6))
        #expect(engine.takeCalls() == [.ends(of: ["tea"])])
    }

    // MARK: The end

    @Test("a node that was stopped makes no calls")
    func stops() async throws {
        let room = try room("tea")
        _ = try await read(room)
        await rooms.node?.stop()
        _ = engine.takeCalls()
        engine.send(.connected)
        await advance(by: .minutes(3))
        #expect(engine.takeCalls().isEmpty)
    }
}
