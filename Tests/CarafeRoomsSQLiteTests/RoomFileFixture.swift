import CarafeWebSocketCodec
import Foundation
import GRDB
import Logging
import NIOCore
import NIOPosix
import TestSupport

@testable import CarafeRooms
@testable import CarafeRoomsSQLite

/// A file with rooms in a folder of its own, and the engine of a program that has it open.
struct RoomFileFixture {
    let folder: TemporaryFolder
    let log = CapturedLog()
    private(set) var database: DatabasePool
    private(set) var engine: SQLiteEngine

    static let tea = EngineRoom(name: "tea", history: RoomHistory())

    var path: String { folder.path + "/rooms.sqlite" }

    init(eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()) throws {
        folder = try TemporaryFolder()
        database = try RoomFile.open(folder.path + "/rooms.sqlite")
        engine = try SQLiteEngine(database, durability: .full, eventLoop: eventLoop, logger: log.logger)
    }

    /// Starts another program after `end` or `kill`.
    mutating func start() throws {
        database = try RoomFile.open(path)
        engine = try SQLiteEngine(database, durability: .full, logger: log.logger)
    }

    /// Ends the program as it should end.
    func end() async throws {
        await engine.stop()
        try database.close()
    }

    /// Leaves the files as `kill -9` does: SQLite removes the log when the last connection closes.
    func kill() throws {
        let files = try ["", "-wal", "-shm"].map { (path + $0, try Data(contentsOf: URL(filePath: path + $0))) }
        try database.close()
        for (path, data) in files {
            if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
            // In place: the number of the file stays.
            let file = try FileHandle(forUpdating: URL(filePath: path))
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: data)
            try file.close()
        }
    }

    /// Overwrites bytes of a file in place.
    func overwrite(_ suffix: String = "", at offset: UInt64, _ bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path + suffix))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    func truncate(_ suffix: String = "", to size: UInt64) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path + suffix))
        try file.truncate(atOffset: size)
        try file.close()
    }

    func size(_ suffix: String = "") throws -> UInt64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
        return (attributes[.size] as? NSNumber)?.uint64Value ?? 0
    }

    /// Posts texts to a room, and returns the position of the last.
    @discardableResult
    func post(_ texts: String..., to room: EngineRoom = tea) async throws -> RoomPosition {
        var position = RoomPosition(offset: 0)
        for text in texts { position = try await engine.append(RoomPost(.text(text)), key: nil, to: room) }
        return position
    }

    /// The messages and breaks of a room.
    func texts(_ room: EngineRoom = tea) async throws -> [String] {
        try await engine.open(room).page.entries.map { entry in
            switch entry.post.kind {
            case .message: String(buffer: entry.post.message.bytes)
            case .break: "break"
            default: "change"
            }
        }
    }

    func sql(_ sql: String) async throws { try await database.write { try $0.execute(sql: sql) } }

    func count(_ table: String) async throws -> Int {
        try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }
}
