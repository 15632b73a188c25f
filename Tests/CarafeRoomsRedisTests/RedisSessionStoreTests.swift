import CarafeRedisCodec
import CarafeRooms
import NIOCore
import TestSupport
import Testing

@testable import CarafeRoomsRedis

@Suite(
    "Sessions in Redis", .enabled(if: RedisProgram.isInstalled, "no redis-server: `.ci/setup peers` installs it"),
    .timeLimit(.minutes(10)))
struct RedisSessionStoreTests {
    /// A store on an engine of its own, as each process has one.
    private func makeStore(on server: RedisProgram) async throws -> (RedisSessionStore, RedisEngine) {
        let engine = try RedisNode.engine(at: server.port)
        let store = try RedisSessionStore(Rooms(engine: engine))
        try await engine.waitUntilReady()
        return (store, engine)
    }

    @Test("a session is kept for its time, for all processes")
    func sessions() async throws {
        let server = try await RedisProgram()
        let (first, engine) = try await makeStore(on: server)
        let (second, _) = try await makeStore(on: server)
        #expect(try await first.load("a") == nil)
        try await first.save("a", ByteBuffer(string: "1"), for: .seconds(600))
        #expect(try await second.load("a") == ByteBuffer(string: "1"))
        #expect(try await second.load("b") == nil)
        let time = try await engine.steps.send(RedisCommand("PTTL", "carafe:session:a")).number ?? 0
        #expect((1...600_000).contains(time))
        try await second.remove("a")
        #expect(try await first.load("a") == nil)
    }

    @Test("concurrent changes of several processes are all made")
    func changes() async throws {
        let server = try await RedisProgram()
        let (first, engine) = try await makeStore(on: server)
        let (second, _) = try await makeStore(on: server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in [first, second] {
                for _ in 0..<8 {
                    group.addTask {
                        try await store.update("a", for: .seconds(60)) { bytes in
                            ByteBuffer(string: (bytes.map { String(buffer: $0) } ?? "") + "x")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await first.load("a") == ByteBuffer(repeating: UInt8(ascii: "x"), count: 16))
        try await first.update("a", for: .seconds(60)) { _ in nil }
        #expect(try await first.load("a")?.readableBytes == 16)
        struct Refused: Error {}
        await #expect(throws: Refused.self) { try await first.update("a", for: .seconds(60)) { _ in throw Refused() } }
        let time = try await engine.steps.send(RedisCommand("PTTL", "carafe:session:a")).number ?? 0
        #expect((1...60_000).contains(time))
    }

    @Test("without Redis a session is unavailable")
    func away() async throws {
        let server = try await RedisProgram()
        let (store, _) = try await makeStore(on: server)
        await server.kill()
        await #expect(throws: RoomError.unavailable) { try await store.load("a") }
        #expect(throws: RedisRoomsError.self) { try RedisSessionStore(Rooms()) }
    }
}
