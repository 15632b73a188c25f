import CarafeApp
import CarafeSecurity
import CarafeTesting
import HTTPTypes
import NIOCore
import Testing

/// The fields that outer extensions add are in the responses that stand for errors too.
@Suite("Refusals", .timeLimit(.minutes(10)))
struct RefusalTests {
    private func refused(_ refuse: (inout App) -> Void) async throws -> TestResponse {
        var app = App(bare: ())
        try app.install(SecurityHeaders())
        try app.install(CORS(origins: ["https://app.example"]))
        app.onError(HTTPError.self) { _, error in Response(html: "<p>\(error.status)") }
        refuse(&app)
        app.get("/") { _ in "in" }
        app.post("/", bodyLimit: 2) { request in try await request.body.text() }
        let client = try TestClient(app)
        let headers: HTTPFields = [.origin: "https://app.example"]
        for _ in 1...3 { _ = try await client.get("/", headers: headers) }
        return try await client.request(.post, "/", headers: headers, body: ByteBuffer(string: "too long"))
    }

    private func check(_ response: TestResponse, _ status: HTTPResponse.Status) {
        #expect(response.status == status)
        #expect(response.headers[.accessControlAllowOrigin] == "https://app.example")
        #expect(response.headers[.vary]?.contains("Origin") == true)
        #expect(response.headers[.contentSecurityPolicy] != nil)
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test("a rate limit's 429 has the fields of CORS and of security, and Retry-After")
    func rateLimit() async throws {
        let response = try await refused { $0.use(RateLimit(3, per: .minutes(1)).middleware) }
        check(response, .tooManyRequests)
        #expect(response.headers[.retryAfter] != nil)
    }

    @Test("a hook's 401, a body's 413 and an after hook's 500 have them as well")
    func others() async throws {
        struct Broken: Error {}
        check(try await refused { $0.before { _ in throw HTTPError(.unauthorized) } }, .unauthorized)
        check(try await refused { _ in }, .contentTooLarge)
        check(try await refused { $0.after { _, _ in throw Broken() } }, .internalServerError)
    }
}
