import CarafeRooms
import CarafeSessions
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import CarafeRoomsSQLite

@Suite("Sessions in a file", .timeLimit(.minutes(10)))
struct SQLiteSessionStoreTests {
    private let folder: TemporaryFolder
    private let store: SQLiteSessionStore

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteSessionStore(try Rooms(file: folder.path + "/rooms.sqlite"))
    }

    private func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test("a session is kept until it is removed or its time is over, also for another process")
    func keep() async throws {
        try await store.save("a", bytes("one"), for: .seconds(600))
        try await store.save("b", bytes("two"), for: .zero)
        let other = try SQLiteSessionStore(try Rooms(file: folder.path + "/rooms.sqlite"))
        #expect(try await other.load("a") == bytes("one"))
        #expect(try await other.load("b") == nil)
        #expect(try await other.missing(among: ["a", "b", "c"]) == ["b", "c"])
        try await other.remove("a")
        #expect(try await store.load("a") == nil)
    }

    @Test("changes that come together are all made, and the error of one is its own")
    func update() async throws {
        struct Refusal: Error {}
        try await store.save("a", bytes(""), for: .seconds(600))
        await withTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    do {
                        try await store.update("a", for: .seconds(600)) { kept in
                            if number.isMultiple(of: 5) { throw Refusal() }
                            return ByteBuffer(string: String(buffer: kept ?? ByteBuffer()) + "x")
                        }
                        #expect(!number.isMultiple(of: 5))
                    } catch {
                        #expect(error is Refusal && number.isMultiple(of: 5))
                    }
                }
            }
        }
        #expect(try await store.load("a") == bytes(String(repeating: "x", count: 16)))
        try await store.update("a", for: .seconds(600)) { _ in nil }
        #expect(try await store.load("a")?.readableBytes == 16)
    }

    @Test("a file that cannot be used is a 503 that speaks of sessions")
    func unavailable() async throws {
        try await store.save("a", bytes("one"), for: .seconds(600))
        let path = folder.path + "/rooms.sqlite"
        try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await store.load("a") }, { try await store.save("a", ByteBuffer(), for: .zero) },
            { try await store.update("a", for: .zero) { $0 } }, { try await store.remove("a") },
            { _ = try await store.missing(among: ["a"]) },
        ]
        for call in calls {
            let error = await #expect(throws: HTTPError.self) { try await call() }
            let text = error?.description ?? ""
            #expect(text.contains("503") && text.contains("session store") && !text.contains("room"), "\(text)")
        }
    }

    @Test("rooms that are not in a file have no sessions")
    func memory() {
        let error = #expect(throws: RoomFileError.self) { try SQLiteSessionStore(Rooms()) }
        #expect(
            error?.description.hasPrefix("cannot keep sessions in memory: expected the rooms of `Rooms(file:)`") == true
        )
    }
}
