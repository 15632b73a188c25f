import CarafeWebSocketCodec
import GRDB
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

@Suite("The upkeep of a file", .timeLimit(.minutes(10)))
struct UpkeepTests {
    private let eventLoop = NIOAsyncTestingEventLoop()

    /// Posts that are an hour old, in a room that keeps a minute's.
    private func post(_ count: Int, to file: RoomFileFixture) async throws {
        try await file.database.write { database in
            let transaction = RoomTransaction(database, at: WallClock.milliseconds - 3_600_000)
            let room = EngineRoom(name: "tea", history: RoomHistory(countLimit: 10_000, ageLimit: .seconds(60)))
            for _ in 0..<count { _ = try transaction.append(RoomPost(.text("x")), key: nil, to: room) }
            try transaction.finish()
        }
    }

    /// Lets time pass, and waits for the writes that it has begun.
    private func pass(_ time: TimeAmount, _ file: RoomFileFixture) async throws -> Int {
        await eventLoop.advanceTime(by: time)
        try await file.database.write { _ in }
        return try await file.count("carafe_entry")
    }

    @Test("a step is taken a minute after the start and each minute, and each second while there is more")
    func steps() async throws {
        let file = try RoomFileFixture(eventLoop: eventLoop)
        try await post(2500, to: file)
        #expect(try await pass(.hours(1), file) == 2500, "an engine that is not started does nothing")
        file.engine.start { _ in }
        #expect(try await pass(.seconds(59), file) == 2500)
        #expect(try await pass(.seconds(1), file) == 1500)
        #expect(try await pass(.milliseconds(999), file) == 1500)
        #expect(try await pass(.milliseconds(1), file) == 500)
        #expect(try await pass(.seconds(1), file) == 0)
        try await post(5, to: file)
        #expect(try await pass(.seconds(59), file) == 5)
        #expect(try await pass(.seconds(1), file) == 0)
        await file.engine.stop()
        try await post(5, to: file)
        #expect(try await pass(.minutes(5), file) == 5)
        await eventLoop.shutdownGracefully()
    }

    @Test("the claims of a process that was killed end, though nobody else has any")
    func lease() async throws {
        let file = try RoomFileFixture(eventLoop: eventLoop)
        try await file.database.write { database in
            try database.execute(sql: "INSERT INTO carafe_node VALUES ('killed', 'boot', 'full', NULL)")
            let transaction = RoomTransaction(database)
            try transaction.claim(
                Array("ann".utf8), as: .connected, isExclusive: false, by: "killed", in: RoomFileFixture.tea)
            try transaction.finish()
            try database.execute(sql: "UPDATE carafe_node SET lease = 1 WHERE id = 'killed'")
        }
        file.engine.start { _ in }
        #expect(try await pass(.seconds(59), file) == 1)
        #expect(try await pass(.seconds(1), file) == 2)
        #expect(try await file.engine.open(RoomFileFixture.tea).page.entries.last?.post.kind == .change(.left("ann")))
        await file.engine.stop()
        await eventLoop.shutdownGracefully()
    }

    @Test("a step that fails has a line in the log, and another follows a minute later")
    func failure() async throws {
        let file = try RoomFileFixture(eventLoop: eventLoop)
        try await post(5, to: file)
        try await file.sql("ALTER TABLE carafe_session RENAME TO other")
        file.engine.start { _ in }
        #expect(try await pass(.minutes(1), file) == 5)
        #expect(file.log.lines.count == 1)
        try await file.sql("ALTER TABLE other RENAME TO carafe_session")
        #expect(try await pass(.minutes(1), file) == 0)
        await file.engine.stop()
        await eventLoop.shutdownGracefully()
    }
}
