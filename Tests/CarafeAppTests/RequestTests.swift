import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

/// `Request` of CarafeHTTP, met as users meet it: in the handler of an app.
@Suite struct RequestTests {
    private struct Order: Codable {
        struct Line: Codable {
            var name: String
            var count: Int
        }

        var lines: [Line]
    }

    @Test func readsTheQuery() async throws {
        let response = try await get("/?name=J%C3%B6rg+B&x=1&x=2") { request in
            [request.query["name"] ?? "", request.query[values: "x"].joined(separator: ","), request.query["y"] ?? "-"]
        }
        #expect(try response.json([String].self) == ["Jörg B", "1,2", "-"])
    }

    @Test func readsHeadersAndHost() async throws {
        let response = try await get("/", headers: [.userAgent: "test"]) { request in
            [request.headers[.userAgent] ?? "", request.host ?? "", request.remoteAddress ?? "", request.path]
        }
        #expect(try response.json([String].self) == ["test", "localhost", "127.0.0.1", "/"])
    }

    @Test func readsACookie() async throws {
        let response = try await get("/", headers: [.cookie: "a=1; b=x%20y"]) { request in
            [request.cookie("a") ?? "", request.cookie("b") ?? "", request.cookie("c") ?? "-"]
        }
        #expect(try response.json([String].self) == ["1", "x y", "-"])
    }

    @Test func aCookieComesBackUntilItIsRemoved() async throws {
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

    @Test func readsJSON() async throws {
        let response = try await post(#"{"lines":[{"name":"a","count":2}]}"#) { request in
            try await request.json(Order.self).lines[0].count
        }
        #expect(response.text == "2")
    }

    @Test(arguments: [
        ("{", "Invalid JSON: expected JSON."), ("", "Invalid JSON: expected JSON."),
        ("{}", "Invalid JSON: the field \"lines\" is missing."),
        (#"{"lines":[{"name":"a","count":"2"}]}"#, "Invalid JSON at lines.0.count: expected a number."),
    ])
    func badJSONIs400AndNamesTheField(json: String, message: String) async throws {
        let response = try await post(json) { request in try await request.json(Order.self) }
        #expect(response.status == .badRequest)
        #expect(response.text == message)
    }

    @Test func theNumberOfFieldsIsBounded() async throws {
        var app = App(bare: ())
        app.post("/") { request in "\(try await request.form().pairs.count)" }
        let client = try TestClient(app)
        let many = [String](repeating: "a", count: 1000).joined(separator: "&")
        #expect(try await client.post("/", body: many).text == "1000")
        #expect(try await client.post("/", body: many + "&a").status == .contentTooLarge)
    }

    @Test func aNameOfAFieldIsBounded() async throws {
        let name = String(repeating: "n", count: 256)
        let response = try await post(name + "=1") { request in try await request.form().pairs.count }
        #expect(response.text == "1")
        let longer = try await post(name + "n=1") { request in try await request.form().pairs.count }
        #expect(longer.status == .badRequest && longer.text == "Expected names of at most 256 bytes.")
    }

    @Test func aMultipartFormIsNoUrlencodedOne() async throws {
        var app = App(bare: ())
        app.post("/") { request in "\(try await request.form().pairs.count)" }
        let client = try TestClient(app)
        let headers: HTTPFields = [.contentType: "Multipart/Form-Data; boundary=x"]
        #expect(try await client.post("/", headers: headers, body: "--x--").status == .unsupportedMediaType)
    }

    @Test func readsAFormIntoAType() async throws {
        struct Order: Codable {
            var name: String
            var count: Int
        }
        var app = App(bare: ())
        app.post("/") { request in try await request.form(as: Order.self) }
        app.get("/") { request in try request.query.decode(Order.self) }
        let client = try TestClient(app)
        #expect(try await client.post("/", body: "name=tea&count=2").json(Order.self).count == 2)
        #expect(try await client.get("/?name=tea&count=3").json(Order.self).count == 3)
        let wrong = try await client.post("/", body: "name=tea&count=two")
        #expect(wrong.status == .badRequest && wrong.text == "Invalid form at count: expected a number.")
    }

    @Test func readsAForm() async throws {
        let response = try await post("name=Ann+B&note=%26") { request in
            let form = try await request.form()
            return [form["name"] ?? "", form["note"] ?? ""]
        }
        #expect(try response.json([String].self) == ["Ann B", "&"])
    }

    private func get(
        _ target: String, headers: HTTPFields = [:], _ handler: @escaping @Sendable (Request) async throws -> [String]
    ) async throws -> TestResponse {
        var app = App(bare: ())
        app.get("/", handler)
        return try await TestClient(app).get(target, headers: headers)
    }

    private func post<Output: Encodable & SendableMetatype>(
        _ body: String, _ handler: @escaping @Sendable (Request) async throws -> Output
    ) async throws -> TestResponse {
        var app = App(bare: ())
        app.post("/", handler)
        return try await TestClient(app).post("/", body: body)
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

    private func send(_ body: String, _ type: String?, _ headers: HTTPFields = [:]) async throws -> TestResponse {
        var app = App(bare: ())
        app.put("/") { request in try await request.json([Int].self) }
        var headers = headers
        headers[.contentType] = type
        return try await TestClient(app).put("/", headers: headers, body: body)
    }
}
