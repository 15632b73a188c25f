import CarafeApp
import CarafeSecurity
import CarafeTesting
import CarafeWebSocket
import HTTPTypes
import NIOCore
import Testing

@Suite("RateLimit", .timeLimit(.minutes(10)))
struct RateLimitTests {
    private static let client = HTTPField.Name("X-Client")!  // Safe: the literal is a valid field name.

    private func makeClient(_ limit: RateLimit) throws -> TestClient {
        var app = App(bare: ())
        app.get("/free") { _ in "free" }
        app.get("/limited") { request in
            try limit.check(request)
            return "limited"
        }
        var blueprint = Blueprint(prefix: "/in")
        blueprint.use(limit.middleware)
        blueprint.get("/") { _ in "in" }
        blueprint.webSocket("/socket") { socket in try await socket.send("open") }
        app.register(blueprint)
        return try TestClient(app)
    }

    @Test("so many at once, then one by one as time passes; the answer says when")
    func bucket() async throws {
        let client = try makeClient(RateLimit(3, per: .seconds(60)))
        for _ in 0..<3 { #expect(try await client.get("/limited").status == .ok) }
        let refused = try await client.get("/limited")
        #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] == "20")
        #expect(try await client.get("/free").status == .ok)
        await client.advanceTime(by: .seconds(19))
        #expect(try await client.get("/limited").headers[.retryAfter] == "1")
        await client.advanceTime(by: .seconds(1))
        #expect(try await client.get("/limited").status == .ok)
        #expect(try await client.get("/limited").status == .tooManyRequests)
        await client.advanceTime(by: .hours(1))
        for _ in 0..<3 { #expect(try await client.get("/limited").status == .ok) }
        #expect(try await client.get("/limited").status == .tooManyRequests)
    }

    @Test("a blueprint shares one limit, handshakes included")
    func middleware() async throws {
        let client = try makeClient(RateLimit(2, per: .minutes(1)))
        #expect(try await client.get("/in/").text == "in")
        try await client.webSocket("/in/socket") { socket async throws in
            #expect(try await socket.receiveText() == "open")
        }
        let error = await #expect(throws: TestHandshakeError.self) { try await client.openWebSocket("/in/socket") }
        #expect(error?.response.status == .tooManyRequests)
    }

    @Test(
        "RFC 4291 §2.5.4: addresses of one network of IPv6 are one client, those of IPv4 one each",
        arguments: [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
        ])
    func networks(one: String, other: String, areOne: Bool) async throws {
        let limit = RateLimit(1, per: .minutes(1))
        var app = App(bare: ())
        try app.install(TrustedProxies(["127.0.0.1"]))
        app.use(limit.middleware)
        app.get("/") { _ in "here" }
        let client = try TestClient(app)
        let field = HTTPField.Name("X-Forwarded-For")!  // Safe: the literal is a valid field name.
        #expect(try await client.get("/", headers: [field: one]).status == .ok)
        let second = try await client.get("/", headers: [field: other]).status
        #expect(second == (areOne ? .tooManyRequests : .ok))
    }

    @Test("clients by what the app says; so many are told apart")
    func keys() async throws {
        let limit = RateLimit(1, per: .minutes(1), clients: 10) { $0.headers[Self.client] ?? "" }
        let client = try makeClient(limit)
        func status(_ name: String) async throws -> HTTPResponse.Status {
            try await client.get("/limited", headers: [Self.client: name]).status
        }
        #expect(try await status("a") == .ok)
        #expect(try await status("a") == .tooManyRequests)
        #expect(try await status("b") == .ok)
        for number in 0..<20 { #expect(try await status("\(number)") == .ok) }
        #expect(try await status("a") == .ok, "forgotten")
    }
}
