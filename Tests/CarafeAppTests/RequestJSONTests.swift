import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct RequestJSONTests {
    private struct Order: Codable {
        struct Line: Codable {
            var name: String
            var count: Int
        }

        var lines: [Line]
    }

    @Test("reads JSON") func readsJSON() async throws {
        let response = try await post(#"{"lines":[{"name":"a","count":2}]}"#) { request in
            try await request.json(Order.self).lines[0].count
        }
        #expect(response.text == "2")
    }

    @Test(
        "bad JSON is 400 and names the field",
        arguments: [
            ("{", "Invalid JSON: expected JSON."), ("", "Invalid JSON: expected JSON."),
            ("{}", "Invalid JSON: the field \"lines\" is missing."),
            (#"{"lines":[{"name":"a","count":"2"}]}"#, "Invalid JSON at lines.0.count: expected a number."),
        ])
    func badJSONIs400(json: String, message: String) async throws {
        let response = try await post(json) { request in try await request.json(Order.self) }
        #expect(response.status == .badRequest)
        #expect(response.text == message)
    }

    @Test(
        "JSON is taken with its type or without any",
        arguments: [
            nil, "application/json", "APPLICATION/JSON; charset=utf-8", "application/problem+json;q=1", "text/json",
        ] as [String?])
    func jsonTypes(type: String?) async throws {
        #expect(try await send("[1]", type).text == "[1]")
    }

    @Test(
        "another type is 415, which names the expected one (RFC 9110 §15.5.16)",
        arguments: [
            ("text/plain", "text/plain"), ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
            ("multipart/form-data; boundary=x", "multipart/form-data"), ("application/jsonp", "application/jsonp"),
            ("<b>", "another"), ("application/json, text/plain", "another"), ("", "another"),
        ])
    func otherTypes(type: String, word: String) async throws {
        let response = try await send("[1]", type)
        #expect(response.status == .unsupportedMediaType)
        #expect(response.text == "Expected Content-Type: application/json, found \(word).")
        #expect(response.headers[.accept] == "application/json")
    }

    @Test(
        "Fetch §5.2: a page can send bytes without a type to any site, unasked; so JSON of another site has to have one",
        arguments: [
            ("http://localhost", 200), ("http://LOCALHOST:80", 200), ("http://evil.example", 415), ("null", 415),
            ("http://localhost:81", 415), ("", 415), ("http://localhost, http://localhost", 415), ("é", 415),
        ])
    func jsonWithoutAType(origin: String, status: Int) async throws {
        #expect(try await send("[1]", nil, [.origin: origin]).status.code == status)
        #expect(try await send("[1]", "application/json", [.origin: origin]).status == .ok)
    }

    private func post<Output: Encodable & SendableMetatype>(
        _ body: String, _ handler: @escaping @Sendable (Request) async throws -> Output
    ) async throws -> TestResponse {
        var app = App(bare: ())
        app.post("/", handler)
        return try await TestClient(app).post("/", body: body)
    }

    private func send(_ body: String, _ type: String?, _ headers: HTTPFields = [:]) async throws -> TestResponse {
        var app = App(bare: ())
        app.put("/") { request in try await request.json([Int].self) }
        var headers = headers
        headers[.contentType] = type
        return try await TestClient(app).put("/", headers: headers, body: body)
    }
}
