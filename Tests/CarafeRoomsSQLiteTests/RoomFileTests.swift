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

    @Test("a file of a program before rooms had an age limit gets its columns, and keeps its rooms")
    func columns() async throws {
        let database = try RoomFile.open(path)
        try await database.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE carafe_room (
                        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL, earlier TEXT NOT NULL,
                        last INTEGER NOT NULL, bytes INTEGER NOT NULL, messages INTEGER NOT NULL
                    );
                    INSERT INTO carafe_room VALUES (1, 'tea', 'e', '[]', 7, 8, 9);
                    """)
        }
        _ = try prepare(database)
        let row = try await database.read { try RoomRow.read("tea", $0) }
        #expect(row?.last == 7 && row?.messages == 9 && row?.age == nil && row?.used == row?.due)
    }

    @Test("a problem is one line that names the remedy")
    func problems() {
        let cases: [(any Error, String)] = [
            (DatabaseError(resultCode: .SQLITE_NOTADB), "name another"),
            (DatabaseError(resultCode: .SQLITE_CORRUPT), "restore it from a backup"),
            (DatabaseError(resultCode: .SQLITE_CORRUPT_INDEX), "restore it from a backup"),
            (DatabaseError(resultCode: .SQLITE_CONSTRAINT_PRIMARYKEY), "restore it from a backup"),
            (DatabaseError(resultCode: .SQLITE_CANTOPEN), "expected a folder"),
            (DatabaseError(resultCode: .SQLITE_READONLY_DIRECTORY), "change its permissions"),
            (DatabaseError(resultCode: .SQLITE_FULL), "make space"),
            (DatabaseError(resultCode: .SQLITE_BUSY), "stop it"),
            (DatabaseError(resultCode: .SQLITE_IOERR_READ), "see to the disk"),
            (RoomFileError(path: "a", problem: "the remedy"), "the remedy"),
        ]
        for (error, remedy) in cases {
            let line = RoomFile.problem(error)
            #expect(line.contains(remedy) && !line.contains("\n"), "\(error): \(line)")
        }
    }
}
