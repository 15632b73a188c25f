import CarafeRooms
import Foundation
import GRDB
import TestSupport
import Testing

@testable import CarafeRoomsSQLite

@Suite("The opening of a file with rooms", .timeLimit(.minutes(10)))
struct RoomFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var path: String { folder.path + "/rooms.sqlite" }

    private func prepare(_ database: any DatabaseWriter, _ durability: FileDurability = .full) throws -> String {
        try RoomFile(boot: "first", durability: durability).prepare(database, node: "node")
    }

    @Test(
        "a commit waits for the disk as the durability says, whatever the pool has set",
        arguments: zip(FileDurability.allCases, [2, 1]))
    func synchronous(durability: FileDurability, expected: Int) async throws {
        let database = try RoomFile.open(path)
        _ = try prepare(database, durability)
        let found = try await database.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(found == expected)
    }

    @Test("a setting of the app's own that waits for more is left alone")
    func extra() async throws {
        let database = try DatabaseQueue(path: path)
        try await database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = EXTRA") }
        _ = try prepare(database)
        let found = try await database.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(found == 3)
    }

    @Test("a file has one identifier for all that open it, and another file another")
    func identifier() throws {
        let first = try prepare(try RoomFile.open(path))
        #expect(try RoomFile(boot: "second", durability: .full).prepare(try RoomFile.open(path), node: "b") == first)
        #expect(try prepare(try RoomFile.open(folder.path + "/other.sqlite")) != first)
    }
}
