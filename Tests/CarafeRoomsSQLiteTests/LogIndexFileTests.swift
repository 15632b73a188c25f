import Foundation
import TestSupport
import Testing

@testable import CarafeRoomsSQLite

@Suite("The file of the log's index", .timeLimit(.minutes(10)))
struct LogIndexFileTests {
    @Test("a file that is closed as it should be has none, and one that is in use or was left by a killed program has")
    func existence() async throws {
        let file = try RoomFileFixture()
        #expect(LogIndexFile(besides: file.path)?.index != nil)
        try file.kill()
        #expect(LogIndexFile(besides: file.path)?.index != nil)
        let ended = try RoomFileFixture()
        try await ended.end()
        #expect(LogIndexFile(besides: ended.path) == nil)
    }

    @Test("commits are seen as they are made")
    func commits() async throws {
        let file = try RoomFileFixture()
        let index = try #require(LogIndexFile(besides: file.path))
        let before = try #require(index.index)
        try await file.post("one")
        let after = try #require(index.index)
        #expect(after.frameCount > before.frameCount && after.run == before.run)
        #expect(!before.hasLost(after) && after.hasLost(before))
        await file.engine.stop()
    }

    @Test(
        "SQLite's locks outlive the reading of the index: without them another process takes the index for its own",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/locks"), "expected Linux, which lists its locks"))
    func locks() async throws {
        var file = try RoomFileFixture()
        try await file.post("one")
        try file.kill()
        try file.start()
        let number = try FileManager.default.attributesOfItem(atPath: file.path + "-shm")[.systemFileNumber]
        let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
        // SQLite, os_unix.c: each process that uses the index has a lock on byte 128, the "deadman switch".
        let suffix = ":\(try #require(number as? NSNumber)) 128 128"
        #expect(locks.contains { $0.hasSuffix(suffix) })
        try await file.end()
    }
}
