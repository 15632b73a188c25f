import CarafeWebSocketCodec
import Foundation
import GRDB
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

@Suite(.timeLimit(.minutes(10))) struct SQLiteEngineTests {
    private let folder: TemporaryFolder
    private let tea = EngineRoom(name: "tea", history: RoomHistory())
    private let ann = Array("ann".utf8)

    init() throws {
        folder = try TemporaryFolder()
    }

    private var path: String { folder.path + "/rooms.sqlite" }

    private func engine(_ durability: FileDurability = .full, boot: String = "first") throws -> SQLiteEngine {
        try SQLiteEngine(try RoomFile.open(path), durability: durability, boot: boot)
    }

    private func key(_ text: String) -> IdempotencyKeys.Key { IdempotencyKeys.Key(member: ann, key: text) }

    private func texts(_ entries: [EngineEntry]) -> [String] {
        entries.map { entry in
            switch entry.post.kind {
            case .message: String(buffer: entry.post.message.bytes)
            case .change(.joined(let name)): "+\(name)"
            case .change(.left(let name)): "-\(name)"
            case .break: "break"
            case .removal(let name): "x\(String(decoding: name, as: UTF8.self))"
            }
        }
    }

    private func post(_ text: String, to names: [String]? = nil) -> RoomPost {
        RoomPost(.text(text), to: names?.map { Array($0.utf8) })
    }

    // MARK: The log

    @Test("a log is there after the engine has ended, with its epoch, its keys and all of an entry")
    func outlives() async throws {
        let first = try engine()
        _ = try await first.claim(ann, as: .connected, isExclusive: false, in: tea)
        let bytes = RoomPost(.binary(ByteBuffer(bytes: [0, 255])), to: [ann], about: Array("价".utf8))
        let one = try await first.append(bytes, key: key("k"), to: tea)
        let two = try await first.append(post("two"), key: nil, to: tea)
        await first.stop()
        let second = try engine()
        let opening = try await second.open(tea)
        #expect(opening.line.epoch == one.epoch && opening.line.earlier.isEmpty && two.offset == 3)
        #expect(opening.names.isEmpty && opening.page.end == RoomPosition(offset: 4, epoch: one.epoch))
        #expect(texts(opening.page.entries).first == "+ann" && texts(opening.page.entries).last == "-ann")
        let entry = opening.page.entries[1]
        #expect(entry.post.message == .binary(ByteBuffer(bytes: [0, 255])) && entry.post.audience == [ann])
        #expect(entry.post.subject == Array("价".utf8) && abs(entry.time - WallClock.milliseconds) < 600_000)
        #expect(try await second.append(post("again"), key: key("k"), to: tea) == one)
        #expect(try await second.ends(of: [tea]) == [opening.page.end])
        await second.stop()
    }

    @Test("a post for nobody is refused, its key stays free, and the others of its group are kept")
    func nobody() async throws {
        let engine = try engine()
        await withTaskGroup { group in
            for number in 1...50 {
                group.addTask {
                    let audience = number.isMultiple(of: 5) ? ["nobody"] : nil
                    let position = try? await engine.append(
                        post("\(number)", to: audience), key: key("\(number)"), to: tea)
                    #expect((position == nil) == (audience != nil))
                }
            }
        }
        #expect(try await engine.open(tea).page.end.offset == 40)
        await #expect(throws: RoomError.nobody("nobody")) {
            try await engine.append(post("x", to: ["nobody"]), key: key("5"), to: tea)
        }
        #expect(try await engine.append(post("x"), key: key("5"), to: tea).offset == 41)
        await engine.stop()
    }

    @Test("a read begins after an offset, in pages, and a room that is not there is empty")
    func pages() async throws {
        let engine = try engine()
        let empty = try await engine.open(tea)
        #expect(empty.page.end.offset == 0 && empty.page.entries.isEmpty && empty.line.epoch.utf8.count == 16)
        for number in 1...5 { _ = try await engine.append(post("\(number)"), key: nil, to: tea) }
        #expect(try await texts(engine.read(tea, after: 3).entries) == ["4", "5"])
        #expect(try await engine.read(tea, after: 5).entries.isEmpty)
        await engine.stop()
    }

    @Test("the oldest entries are dropped by count, by bytes and by age")
    func retention() async throws {
        let engine = try engine(.normal)
        var rooms = [
            EngineRoom(name: "count", history: RoomHistory()), EngineRoom(name: "bytes", history: RoomHistory()),
        ]
        rooms[0].retention = RoomHistory(countLimit: 10)
        rooms[1].retention = RoomHistory(byteLimit: 10 * 65)
        for room in rooms {
            for number in 1...200 { _ = try await engine.append(post("\(number % 10)"), key: nil, to: room) }
            let kept = try await engine.open(room).page.entries.count
            #expect((10...42).contains(kept), "\(room.name): \(kept)")
        }
        await engine.stop()
    }

    // MARK: Hints

    @Test("entries of this process and of another are hinted at, while their room is open")
    func hints() async throws {
        let (first, second) = (try engine(), try engine())
        let (heard, told) = AsyncStream.makeStream(of: String.self)
        first.start { event in
            if case .appended(let page, let room) = event {
                for text in texts(page.entries) { told.yield(room + text) }
            }
        }
        _ = try await first.append(post("before"), key: nil, to: tea)
        _ = try await first.open(tea)
        // An entry of before may be hinted at while the room is opened.
        var hints = heard.filter { $0 != "teabefore" }.makeAsyncIterator()
        _ = try await first.append(post("own"), key: nil, to: tea)
        #expect(await hints.next() == "teaown")
        _ = try await second.append(post("other"), key: nil, to: tea)
        #expect(await hints.next() == "teaother")
        first.close(tea)
        _ = try await first.append(post("unheard"), key: nil, to: tea)
        _ = try await first.open(EngineRoom(name: "coffee", history: RoomHistory()))
        _ = try await first.append(post("heard"), key: nil, to: EngineRoom(name: "coffee", history: RoomHistory()))
        #expect(await hints.next() == "coffeeheard")
        await first.stop()
        await second.stop()
    }

    // MARK: Presence

    @Test("the first claim of any process joins, and the end of the last leaves; a removal ends all")
    func claims() async throws {
        let (first, second) = (try engine(), try engine())
        for engine in [first, second, first] {
            try await engine.claim(ann, as: .connected, isExclusive: false, in: tea)
        }
        try await first.claim(ann, as: .none, isExclusive: false, in: tea)
        await #expect(throws: RoomError.nameInUse("ann")) {
            try await first.claim(ann, as: .connected, isExclusive: true, in: tea)
        }
        try await second.claim(ann, as: .away, isExclusive: false, in: tea)
        try await first.claim(ann, as: .connected, isExclusive: true, in: tea)
        try await second.claim(ann, as: .none, isExclusive: false, in: tea)
        #expect(try await texts(first.open(tea).page.entries) == ["+ann"])
        try await second.remove(ann, from: tea)
        let opening = try await first.open(tea)
        #expect(texts(opening.page.entries) == ["+ann", "xann", "-ann"] && opening.names.isEmpty)
        try await first.claim(ann, as: .connected, isExclusive: false, in: tea)
        await first.stop()
        #expect(try await texts(second.open(tea).page.entries).last == "-ann")
        await second.stop()
    }

    // MARK: Losses

    @Test("after a power cut only what was not forced to the disk is told", arguments: FileDurability.allCases)
    func powerCut(durability: FileDurability) async throws {
        let first = try engine(durability)
        let one = try await first.append(post("one"), key: nil, to: tea)
        try await first.claim(ann, as: .connected, isExclusive: false, in: tea)
        // It is killed; first the program starts again, and then the machine.
        let second = try engine(durability)
        #expect(try await second.open(tea).line.epoch == one.epoch)
        let third = try engine(durability, boot: "second")
        let opening = try await third.open(tea)
        switch durability {
        case .full:
            #expect(opening.line.epoch == one.epoch && texts(opening.page.entries) == ["one", "+ann", "-ann"])
        case .normal:
            #expect(opening.line.earlier == [RoomLine.Epoch(name: one.epoch ?? "", last: 2)])
            #expect(texts(opening.page.entries) == ["one", "+ann", "break", "-ann"])
        }
        #expect(opening.names.isEmpty, "the processes of the last run of the machine are gone")
        for engine in [first, second, third] { await engine.stop() }
    }

    @Test("a copy of the file that takes its place begins an epoch with a break")
    func copied() async throws {
        let first = try engine()
        let one = try await first.append(post("one"), key: nil, to: tea)
        await first.stop()
        let copy = path + ".copy"
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try FileManager.default.removeItem(atPath: path)
        // Keeps the number of the old file from being used again.
        try Data().write(to: URL(filePath: path + ".other"))
        try FileManager.default.moveItem(atPath: copy, toPath: path)
        let second = try engine()
        let opening = try await second.open(tea)
        #expect(texts(opening.page.entries) == ["one", "break"])
        #expect(opening.line.earlier == [RoomLine.Epoch(name: one.epoch ?? "", last: 1)])
        await second.stop()
    }

    // MARK: Transactions of the app

    @Test("a message in the app's transaction is committed or rolled back with it")
    func transactions() async throws {
        let database = try DatabasePool(path: path)
        try await database.write { try $0.execute(sql: "CREATE TABLE orders (id INTEGER PRIMARY KEY)") }
        let rooms = try Rooms(database: database)
        let room = try rooms.room("orders", of: Int.self)
        #expect(try await room.position.offset == 0)
        try await database.write { database in
            try database.execute(sql: "INSERT INTO orders VALUES (7)")
            #expect(try room.publish(7, in: database).offset == 1)
        }
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            try await database.write { database in
                try room.publish(8, in: database)
                throw Failure()
            }
        }
        try await room.publish(9)
        var entries = room.entries(after: RoomPosition(offset: 0)).makeAsyncIterator()
        #expect(try await entries.next()?.element == 7)
        #expect(try await entries.next()?.element == 9)
        let other = try DatabaseQueue()
        await #expect(throws: RoomFileError.self) { try await other.write { try room.publish(1, in: $0) } }
        await rooms.node?.stop()
    }

    // MARK: Files that cannot hold rooms

    @Test("a file that cannot hold rooms is an error of one line with the path and the remedy")
    func badFiles() async throws {
        try Data(repeating: 120, count: 8192).write(to: URL(filePath: path))
        let cases = [
            (path, "expected a database of SQLite, found another file"),
            (folder.path + "/missing/rooms.sqlite", "expected a folder that exists"),
        ]
        for (path, problem) in cases {
            let error = #expect(throws: RoomFileError.self) { try Rooms(file: path) }
            let line = error?.description ?? ""
            #expect(line.contains(path) && line.contains(problem) && !line.contains("\n"), "\(line)")
        }
        let later = folder.path + "/later.sqlite"
        let first = try SQLiteEngine(try RoomFile.open(later), durability: .full)
        await first.stop()
        try await DatabaseQueue(path: later).write {
            try $0.execute(sql: "UPDATE carafe_file SET value = '9' WHERE key = 'version'")
        }
        let error = #expect(throws: RoomFileError.self) { try Rooms(file: later) }
        #expect(error?.description.contains("expected tables of version 1, found 9") == true)
    }
}
