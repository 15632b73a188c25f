import Foundation
import GRDB
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

/// Files with damage, at the start and in use: one clear line, no acknowledgement of a message that is not kept, and no
/// loss of those that can be read.
@Suite(.timeLimit(.minutes(10))) struct DamagedFileTests {
    private static let garbage = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
    private let coffee = EngineRoom(name: "coffee", history: RoomHistory())

    private func page(of table: String, _ file: RoomFileFixture) async throws -> UInt64 {
        try await file.database.read { database in
            UInt64(
                try Int.fetchOne(
                    database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table]) ?? 0)
        }
    }

    private func expectLine(_ file: RoomFileFixture, _ problem: String, at line: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: RoomFileError.self, sourceLocation: line) { try Rooms(file: file.path) }
        let text = error?.description ?? ""
        #expect(
            text.contains(file.path) && text.contains(problem) && !text.contains("\n"), "\(text)", sourceLocation: line)
    }

    // MARK: At the start

    @Test("a file whose pages are garbage does not start")
    func pages() async throws {
        let file = try RoomFileFixture()
        try await file.post("one")
        try await file.end()
        for offset in stride(from: 4096, to: try file.size(), by: 4096) {
            try file.overwrite(at: offset, Self.garbage)
        }
        expectLine(file, "the database is damaged; restore it")
    }

    @Test("a file whose header is garbage, or that is cut in the middle, does not start")
    func header() async throws {
        let file = try RoomFileFixture()
        try await file.end()
        let half = try RoomFileFixture()
        try await half.end()
        try half.truncate(to: 8192)
        expectLine(half, "the database is damaged; restore it")
        try file.overwrite(at: 0, Self.garbage)
        expectLine(file, "expected a database of SQLite, found another file")
    }

    @Test("a file that was emptied starts as a new one, and no reader takes it for the old one")
    func emptied() async throws {
        var file = try RoomFileFixture()
        let position = try await file.post("one", "two")
        try await file.end()
        try file.truncate(to: 0)
        try file.start()
        let opening = try await file.engine.open(RoomFileFixture.tea)
        #expect(opening.line.known(of: position, last: 0, start: 0).isGap && opening.page.entries.isEmpty)
        try await file.end()
    }

    // MARK: The log at the start

    /// A fault of the log of a program that was killed.
    enum LogFault: String, CaseIterable, Sendable {
        case removed, emptied, cut, garbageAtStart, garbageAtEnd, zeros
    }

    private func damage(_ file: RoomFileFixture, _ fault: LogFault) throws {
        let size = try file.size("-wal")
        switch fault {
        case .removed: try FileManager.default.removeItem(atPath: file.path + "-wal")
        case .emptied: try file.truncate("-wal", to: 0)
        case .cut: try file.truncate("-wal", to: size - 100)
        case .garbageAtStart: try file.overwrite("-wal", at: 0, Self.garbage)
        case .garbageAtEnd: try file.overwrite("-wal", at: size - 4096, Self.garbage)
        case .zeros: try file.overwrite("-wal", at: size - 8192, [UInt8](repeating: 0, count: 4096))
        }
    }

    @Test("commits of a killed program that its log has lost are told", arguments: LogFault.allCases)
    func log(fault: LogFault) async throws {
        var file = try RoomFileFixture()
        try await file.post("one")
        try await file.end()
        try file.start()
        let position = try await file.post("two", "three")
        try file.kill()
        try damage(file, fault)
        try file.start()
        let opening = try await file.engine.open(RoomFileFixture.tea)
        let texts = try await file.texts()
        #expect(texts.first == "one" && texts.last == "break" && !texts.contains("three"), "\(texts)")
        #expect(opening.line.known(of: position, last: opening.page.end.offset, start: 0).isGap)
        #expect(try await file.post("four").offset == opening.page.end.offset + 1)
        try await file.end()
    }

    @Test("commits of a killed program are all there, and no gap is told")
    func killed() async throws {
        var file = try RoomFileFixture()
        for number in 1...5 {
            try await file.post("\(number)")
            try file.kill()
            try file.start()
        }
        #expect(try await file.texts() == ["1", "2", "3", "4", "5"])
        try await file.end()
    }

    // MARK: In use

    @Test("a room whose entries are damaged refuses its readers, and the other rooms go on")
    func entries() async throws {
        var file = try RoomFileFixture()
        let text = String(repeating: "x", count: 3000)
        for _ in 1...4 { try await file.post(text, text, text) }
        try await file.post("one", to: coffee)
        let root = try await page(of: "carafe_entry", file)
        // The leaf with the first entries: the leftmost child of the root.
        try await file.database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try await file.end()
        let bytes = try Data(contentsOf: URL(filePath: file.path))
        let start = Int(root - 1) * 4096
        let cell = Int(bytes[start + 12]) << 8 | Int(bytes[start + 13])
        let child = bytes[(start + cell)..<(start + cell + 4)].reduce(0) { $0 << 8 | UInt64($1) }
        try file.overwrite(at: (child - 1) * 4096, Self.garbage)
        try file.start()
        for _ in 1...3 {
            await #expect(throws: RoomError.unavailable) { try await file.texts() }
            #expect(try await file.texts(coffee).first == "one")
        }
        #expect(file.log.lines.count == 1, "\(file.log.lines)")
        #expect(file.log.lines.first?.contains("the database is damaged; restore it") == true)
        #expect(try await file.post("two", to: coffee).offset == 2)
        #expect(try await file.engine.read(RoomFileFixture.tea, after: 12).entries.isEmpty)
        try await file.end()
    }

    @Test(
        "values that no program has written are damage, for their room alone",
        arguments: [
            "UPDATE carafe_entry SET time = -1 WHERE room = 1",
            "UPDATE carafe_entry SET message = NULL WHERE room = 1",
            "UPDATE carafe_entry SET audience = '{' WHERE room = 1",
            "UPDATE carafe_room SET earlier = '{' WHERE id = 1",
            "UPDATE carafe_room SET last = -5 WHERE id = 1", "UPDATE carafe_room SET last = 'x' WHERE id = 1",
        ])
    func values(sql: String) async throws {
        let file = try RoomFileFixture()
        try await file.post("one")
        try await file.post("one", to: coffee)
        try await file.sql(sql)
        await #expect(throws: RoomError.unavailable) { try await file.texts() }
        #expect(try await file.texts(coffee) == ["one"])
        #expect(file.log.lines.count == 1 && file.log.lines[0].contains("the database is damaged"))
        await file.engine.stop()
    }

    @Test("a post to a damaged room is refused, and those to other rooms in its group are kept")
    func group() async throws {
        let file = try RoomFileFixture()
        try await file.post("one")
        try await file.post("one", to: coffee)
        // The room's end is before its newest entry, as after a page was restored from a copy.
        try await file.sql("UPDATE carafe_room SET last = 0 WHERE name = 'tea'")
        let kept = await withTaskGroup { group in
            for number in 1...40 {
                group.addTask {
                    let isDamaged = number.isMultiple(of: 2)
                    let position = try? await file.post("\(number)", to: isDamaged ? RoomFileFixture.tea : coffee)
                    #expect((position == nil) == isDamaged)
                    return position != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(kept == 20)
        #expect(try await file.texts(coffee).count == 21)
        #expect(file.log.lines.count == 1 && file.log.lines[0].contains("the database is damaged"))
        await file.engine.stop()
    }

    @Test("garbage over the log in use is refused where it is read, and nothing of it is taken for a message")
    func logInUse() async throws {
        let file = try RoomFileFixture()
        let acknowledged = try await file.post("one", "two", "three").offset
        for offset in stride(from: 0, to: try file.size("-wal") - 4096, by: 4096) {
            try file.overwrite("-wal", at: offset, Self.garbage)
        }
        let texts = try? await file.texts()
        #expect(texts ?? ["one", "two", "three"] == ["one", "two", "three"])
        // A page that the writer has in memory is whole.
        let position = try? await file.post("four")
        #expect(position.map { $0.offset == acknowledged + 1 } ?? true)
        #expect(file.log.lines.count == (texts == nil ? 1 : 0) + (position == nil ? 1 : 0))
        await file.engine.stop()
    }
}
