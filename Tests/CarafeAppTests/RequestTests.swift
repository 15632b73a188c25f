import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

/// `Request` of CarafeHTTP, met as users meet it: in the handler of an app.
@Suite(.timeLimit(.minutes(10))) struct RequestTests {
    @Test("reads the query") func readsTheQuery() async throws {
        let response = try await get("/?name=J%C3%B6rg+B&x=1&x=2") { request in
            [request.query["name"] ?? "", request.query[values: "x"].joined(separator: ","), request.query["y"] ?? "-"]
        }
        #expect(try response.json([String].self) == ["Jörg B", "1,2", "-"])
    }

    @Test("reads headers and host") func readsHeadersAndHost() async throws {
        let response = try await get("/", headers: [.userAgent: "test"]) { request in
            [request.headers[.userAgent] ?? "", request.host ?? "", request.remoteAddress ?? "", request.path]
        }
        #expect(try response.json([String].self) == ["test", "localhost", "127.0.0.1", "/"])
    }

    @Test("reads a cookie") func readsACookie() async throws {
        let response = try await get("/", headers: [.cookie: "a=1; b=x%20y"]) { request in
            [request.cookie("a") ?? "", request.cookie("b") ?? "", request.cookie("c") ?? "-"]
        }
        #expect(try response.json([String].self) == ["1", "x y", "-"])
    }

    @Test("a cookie comes back until it is removed") func cookieComesBack() async throws {
        var app = App(bare: ())
        app.get("/in/<name>") { (_, name: String) in
            var response = Response(text: "hello")
            try response.setCookie(Cookie("user", name))
            try response.setCookie(Cookie("theme", "dark"))
            return response
        }
        app.get("/out") { _ in
            var response = Response(.noContent)
            try response.setCookie(Cookie("user", "", maxAge: .zero))
            return response
        }
        app.get("/") { request in "\(request.cookie("user") ?? "-") \(request.cookie("theme") ?? "-")" }
        let client = try TestClient(app)
        #expect(try await client.get("/").text == "- -")
        _ = try await client.get("/in/%E7%BE%A4;%20x=y")
        #expect(try await client.get("/").text == "群; x=y dark")
        _ = try await client.get("/out")
        #expect(try await client.get("/").text == "- dark")
    }

    @Test("RFC 6265 §4.1.2.5", arguments: [true, false]) func aCookieOfAnEncryptedConnectionIsSecure(isSecure: Bool)
        async throws
    {
        var inner = App(bare: ())
        inner.get("/") { (request: Request) in
            var response = Response(text: "\(request.isSecure)")
            try response.setCookie(Cookie("a", "1"))
            try response.setCookie(Cookie("b", "2", isSecure: true))
            return response
        }
        var app = App(bare: ())
        app.mount("/in", inner)
        let response = try await TestClient(app, isSecure: isSecure).get("/in/")
        #expect(response.text == "\(isSecure)")
        let marks = response.headers[values: .setCookie].map { $0.split(separator: "; ").count { $0 == "Secure" } }
        #expect(marks == [isSecure ? 1 : 0, 1])
    }

    private func get(
        _ target: String, headers: HTTPFields = [:], _ handler: @escaping @Sendable (Request) async throws -> [String]
    ) async throws -> TestResponse {
        var app = App(bare: ())
        app.get("/", handler)
        return try await TestClient(app).get(target, headers: headers)
    }
}
