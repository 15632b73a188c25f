import CarafeApp
import CarafeRooms
import CarafeTesting
import HTTPTypes
import TestSupport
import Testing

@testable import CarafeRoomsRedis

@Suite(
    "Limit over all processes",
    .enabled(if: RedisProgram.isInstalled, "no redis-server: `.ci/setup peers` installs it"), .timeLimit(.minutes(10)))
struct SharedRateLimitTests {
    private func makeRooms(on server: RedisProgram) async throws -> Rooms {
        let engine = try RedisNode.engine(at: server.port)
        let rooms = Rooms(engine: engine)
        try await rooms.redisEngine.waitUntilReady()
        return rooms
    }

    private func makeClient(_ limit: SharedRateLimit) throws -> TestClient {
        var app = App(bare: ())
        app.get("/") { request in
            try await limit.check(request)
            return "hello"
        }
        return try TestClient(app)
    }

    @Test("a client gets as many requests from all processes together as the limit says")
    func limit() async throws {
        let server = try await RedisProgram()
        let first = try await SharedRateLimit(3, per: .seconds(3600), in: makeRooms(on: server))
        let second = try await SharedRateLimit(3, per: .seconds(3600), in: makeRooms(on: server))
        for limit in [first, second, first] { #expect(await limit.wait(for: "ann") == 0) }
        for limit in [first, second] {
            let seconds = try #require(await limit.wait(for: "ann"))
            #expect((600...1200).contains(seconds))
            #expect(await limit.wait(for: "bob") == 0)
        }
        let other = try await SharedRateLimit(3, per: .seconds(3600), in: makeRooms(on: server), named: "other")
        #expect(await other.wait(for: "ann") == 0)
    }

    @Test("requests return one by one")
    func refill() async throws {
        let server = try await RedisProgram()
        let limit = try await SharedRateLimit(10, per: .milliseconds(200), in: makeRooms(on: server))
        while await limit.wait(for: "ann") == 0 {}
        while await limit.wait(for: "ann") != 0 {}
    }

    @Test("a request beyond the limit is refused with 429")
    func response() async throws {
        let server = try await RedisProgram()
        let limit = try await SharedRateLimit(1, per: .seconds(3600), in: makeRooms(on: server)) { _ in "ann" }
        let client = try makeClient(limit)
        #expect(try await client.get("/").status == .ok)
        let response = try await client.get("/")
        #expect(response.status == .tooManyRequests)
        #expect(response.headers[.retryAfter] != nil)
    }

    @Test("without Redis each process counts for itself")
    func away() async throws {
        let server = try await RedisProgram()
        let limit = try await SharedRateLimit(2, per: .seconds(3600), in: makeRooms(on: server)) { _ in "ann" }
        await server.kill()
        let client = try makeClient(limit)
        for status in [HTTPResponse.Status.ok, .ok, .tooManyRequests] {
            #expect(try await client.get("/").status == status)
        }
    }
}
