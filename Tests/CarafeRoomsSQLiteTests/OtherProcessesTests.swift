import CarafeWebSocketCodec
import GRDB
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

@Suite("Other processes", .timeLimit(.minutes(10)))
struct OtherProcessesTests {
    private let file: RoomFileFixture
    private let eventLoop = NIOAsyncTestingEventLoop()
    private let rooms = OpenRooms()
    private let hints = Recorded<String>()
    /// The connection of this process; the fixture is another.
    private let database: DatabasePool
    private let others: OtherProcesses

    init() throws {
        file = try RoomFileFixture()
        database = try RoomFile.open(file.path)
        others = OtherProcesses(database, rooms, eventLoop: eventLoop)
        let hints = hints
        rooms.start { event in
            if case .appended(let page, let room) = event {
                hints.add(room + page.entries.map { "\($0.offset)" }.joined())
            }
        }
    }

    /// Lets time pass, and waits for the look that it has begun.
    private func pass(_ time: TimeAmount = .milliseconds(100)) async throws {
        await eventLoop.advanceTime(by: time)
        try await database.writeWithoutTransaction { _ in }
    }

    @Test("their entries are hinted at within 100 ms, once, in all open rooms")
    func hint() async throws {
        let coffee = EngineRoom(name: "coffee", history: RoomHistory())
        for room in ["tea", "coffee"] { rooms.open(room, at: RoomPosition(offset: 0)) }
        others.poll()
        try await file.post("one", "two")
        try await file.post("one", to: coffee)
        try await file.post("one", to: EngineRoom(name: "closed", history: RoomHistory()))
        try await pass(.milliseconds(99))
        #expect(hints.all.isEmpty)
        try await pass(.milliseconds(1))
        #expect(hints.all.sorted() == ["coffee1", "tea12"])
        try await pass(.seconds(1))
        try await file.post("three")
        try await pass()
        #expect(hints.all.count == 3 && hints.all.last == "tea3")
    }

    @Test("they are looked for while a room is open, and again once one is")
    func poll() async throws {
        rooms.open("tea", at: RoomPosition(offset: 0))
        others.poll()
        rooms.close("tea")
        try await pass()
        try await file.post("one")
        rooms.open("tea", at: RoomPosition(offset: 0))
        try await pass()
        #expect(hints.all.isEmpty, "the looks have ended")
        others.poll()
        try await pass()
        #expect(hints.all == ["tea1"])
        others.stop()
        try await file.post("two")
        try await pass(.seconds(1))
        #expect(hints.all == ["tea1"])
    }

    @Test("a room that cannot be read does not keep the others from their hints")
    func damage() async throws {
        for room in ["a", "b", "c"] {
            rooms.open(room, at: RoomPosition(offset: 0))
            try await file.post("one", to: EngineRoom(name: room, history: RoomHistory()))
        }
        try await file.sql("UPDATE carafe_room SET last = -1 WHERE name = 'b'")
        others.poll()
        try await pass()
        #expect(hints.all.sorted() == ["a1", "c1"])
    }
}
