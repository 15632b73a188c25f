import CarafeWebSocketCodec
import Foundation
import GRDB
import NIOCore
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

/// Files that stop being writable while rooms are in them: posts are refused, and nothing acknowledged is lost.
@Suite(.timeLimit(.minutes(10))) struct FileFaultTests {
    private let tea = EngineRoom(name: "tea", history: RoomHistory())

    @Test(
        "on a full disk posts are refused, what was acknowledged can be read, and with space they are taken again",
        .enabled(if: SmallDisk.isAvailable, "expected to be allowed to mount a tmpfs, as root may"))
    func fullDisk() async throws {
        let disk = try SmallDisk(kibibytes: 1024)
        let filler = disk.path + "/filler"
        try Data(count: 256 << 10).write(to: URL(filePath: filler))
        let engine = try SQLiteEngine(try RoomFile.open(disk.path + "/rooms.sqlite"), durability: .full)
        let text = String(repeating: "x", count: 10_000)
        var acknowledged: UInt64 = 0
        await #expect(throws: RoomError.unavailable) {
            for _ in 1...1000 {
                acknowledged = try await engine.append(RoomPost(.text(text)), key: nil, to: tea).offset
            }
        }
        #expect(acknowledged > 5)
        let opening = try await engine.open(tea)
        #expect(opening.page.end.offset == acknowledged)
        #expect(opening.page.entries.last?.post.message == .text(text))
        try FileManager.default.removeItem(atPath: filler)
        #expect(try await engine.append(RoomPost(.text("again")), key: nil, to: tea).offset == acknowledged + 1)
        await engine.stop()
    }

    @Test("a step that has waited for too long is refused, and never taken")
    func lateStep() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/rooms.sqlite"
        let engine = try SQLiteEngine(try RoomFile.open(path), durability: .full)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        _ = try await engine.append(RoomPost(.text("before")), key: nil, to: tea)
        // A transaction of another connection holds the file for as long as the test says.
        let (held, release) = (Gate(), Gate())
        let writing = Task {
            try await other.writeWithoutTransaction { database in
                try database.execute(sql: "BEGIN IMMEDIATE")
                held.open()
            }
            await release.wait()
            try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        }
        await held.wait()
        await #expect(throws: RoomError.unavailable) {
            try await engine.append(RoomPost(.text("late")), key: nil, to: tea)
        }
        release.open()
        try await writing.value
        #expect(try await engine.append(RoomPost(.text("after")), key: nil, to: tea).offset == 2)
        await engine.stop()
    }
}
