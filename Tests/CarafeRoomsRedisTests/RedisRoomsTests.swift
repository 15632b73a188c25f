import CarafeRooms
import TestSupport
import Testing

@testable import CarafeRoomsRedis

/// Two processes' rooms on one Redis.
@Suite(
    "Rooms of two processes in Redis",
    .enabled(if: RedisProgram.isInstalled, "no redis-server: `.ci/setup peers` installs it"), .timeLimit(.minutes(10)))
struct RedisRoomsTests {
    private func makeRoom(on server: RedisProgram) async throws -> Room<String> {
        let rooms = Rooms(engine: try RedisNode.engine(at: server.port))
        try await rooms.redisEngine.waitUntilReady()
        return try rooms.room("tea", of: String.self)
    }

    @Test("a subscriber reads what the other process publishes, once and in order")
    func delivery() async throws {
        let server = try await RedisProgram()
        let (first, second) = (try await makeRoom(on: server), try await makeRoom(on: server))
        let start = try await first.publish("0")
        var entries = second.entries(after: start).makeAsyncIterator()
        let publishing = Task {
            for number in 1...500 { _ = try await (number % 2 == 0 ? first : second).publish("\(number)") }
        }
        for number in 1...500 {
            let item = try await entries.next()
            #expect(item?.element == "\(number)" && item?.gap == nil)
        }
        try await publishing.value
    }

    @Test("a crash is a gap for a subscriber, after which it reads on")
    func crash() async throws {
        let server = try await RedisProgram()
        let (first, second) = (try await makeRoom(on: server), try await makeRoom(on: server))
        let start = try await first.publish("0")
        var entries = second.entries(after: start).makeAsyncIterator()
        _ = try await first.publish("lost")
        #expect(try await entries.next()?.element == "lost")
        await server.kill()
        try await server.restart()
        while (try? await first.publish("1")) == nil { await Task.yield() }
        let item = try await entries.next()
        #expect(item?.element == "1" && item?.gap != nil)
    }
}
