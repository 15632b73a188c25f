import Foundation
import GRDB
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

/// Files that leave their path while rooms are in them: nothing is acknowledged into a file that nobody finds again.
@Suite(.timeLimit(.minutes(10))) struct MovedFileTests {
    /// A way to take a file away.
    enum Move: String, CaseIterable, Sendable {
        case deleted, renamed, replaced
    }

    private func move(_ path: String, _ move: Move) throws {
        let files = FileManager.default
        switch move {
        case .deleted:
            try files.linkItem(atPath: path, toPath: path + ".kept")
            try files.removeItem(atPath: path)
        case .renamed: try files.moveItem(atPath: path, toPath: path + ".kept")
        case .replaced:
            try files.moveItem(atPath: path, toPath: path + ".kept")
            try files.copyItem(atPath: path + ".kept", toPath: path)
        }
    }

    private func putBack(_ path: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + ".kept", toPath: path)
    }

    @Test(
        "without its file, its log or its index at the path an engine refuses all, and goes on once they are back",
        arguments: Move.allCases, ["", "-wal", "-shm"])
    func moved(how: Move, suffix: String) async throws {
        let file = try RoomFileFixture()
        try await file.post("one")
        try move(file.path + suffix, how)
        for _ in 1...3 {
            await #expect(throws: RoomError.unavailable) { try await file.post("lost") }
            await #expect(throws: RoomError.unavailable) { try await file.texts() }
            await #expect(throws: RoomError.unavailable) { try await file.engine.ends(of: [RoomFileFixture.tea]) }
        }
        #expect(file.log.lines.count == 2, "a line for writing and one for reading: \(file.log.lines)")
        #expect(file.log.lines.allSatisfy { $0.contains("\(file.path)\(suffix) that was opened") })
        try putBack(file.path + suffix)
        #expect(try await file.post("two").offset == 2)
        #expect(try await file.texts() == ["one", "two"])
        await file.engine.stop()
    }

    @Test("a program that starts on the file in its place has rooms of its own, and the first takes nothing more")
    func replaced() async throws {
        var file = try RoomFileFixture()
        let epoch = try await file.post("one").epoch
        let first = file.engine
        for suffix in ["", "-wal", "-shm"] { try move(file.path + suffix, .renamed) }
        try file.start()
        #expect(try await file.post("other").epoch != epoch)
        await #expect(throws: RoomError.unavailable) {
            try await first.append(RoomPost(.text("lost")), key: nil, to: RoomFileFixture.tea)
        }
        await first.stop()
        #expect(try await file.texts() == ["other"])
        try await file.end()
    }

    @Test("a transaction of the app is refused too")
    func transaction() async throws {
        let file = try RoomFileFixture()
        let rooms = try Rooms(database: file.database)
        let room = try rooms.room("orders", of: Int.self)
        try move(file.path, .renamed)
        await #expect(throws: RoomFileError.self) {
            try await file.database.write { try room.publish(1, in: $0) }
        }
        try putBack(file.path)
        let position = try await file.database.write { try room.publish(1, in: $0) }
        #expect(position.offset == 1)
        await rooms.node?.stop()
        await file.engine.stop()
    }
}
