import CarafeApp
import CarafeHTTP
import CarafeRuntime
import CarafeTesting
import CarafeWebSocket
import HTTPTypes
import NIOCore
import Testing

@testable import CarafeSessions

@Suite("CSRFProtection", .timeLimit(.minutes(10)))
struct CSRFProtectionTests {
    private static let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

    private func makeApp(around middleware: Middleware? = nil) throws -> App {
        var app = App(bare: ())
        if let middleware { app.use(middleware) }
        try app.install(Sessions(secret: "0123456789abcdef0123456789abcdef"))
        try app.install(CSRFProtection(exempting: ["/api/", "/hook"]))
        app.get("/token") { request in
            try await request.context.templatePreparations["csrf_token"]?(request)
            let token = try request.context.templateFunctions["csrf_token"]?(request, []) as? String
            return token ?? "none"
        }
        app.post("/") { request in try await request.form()["text"] ?? "no text" }
        app.delete("/") { _ in "deleted" }
        app.post("/api/x") { _ in "api" }
        app.post("/hook") { _ in "hook" }
        app.post("/hooks") { _ in "hooks" }
        app.webSocket("/socket") { socket in try await socket.send("open") }
        return app
    }

    @Test("a form with the page's token passes, and its handler reads all of it")
    func form() async throws {
        let client = try TestClient(makeApp())
        let token = try await client.get("/token").text
        let answer = try await client.post("/", headers: Self.form, body: "text=a+b&csrf_token=\(token)")
        #expect(answer.status == .ok && answer.text == "a b")
        let again = try await client.get("/token").text
        #expect(again != token, "each page has its own")
        for good in [token, again] {
            var fields = HTTPFields()
            fields[.init("X-CSRF-Token")!] = good  // Safe: the literal is a valid field name.
            #expect(try await client.request(.delete, "/", headers: fields).text == "deleted")
        }
    }

    private static let upload: HTTPFields = [.contentType: "multipart/form-data; boundary=b"]

    private func upload(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "--b\r\nContent-Disposition: form-data; name=\($0.name)\r\n\r\n\($0.value)\r\n" }.joined()
            + "--b--"
    }

    @Test("a form with files passes with the page's token as its first field, and its handler reads all of it")
    func multipart() async throws {
        var app = try makeApp()
        app.post("/upload") { request in String(buffer: try await request.body.collect()) }
        let client = try TestClient(app)
        let token = try await client.get("/token").text
        let body = upload([("csrf_token", token), ("file; filename=x", "data")])
        let answer = try await client.post("/upload", headers: Self.upload, body: body)
        #expect(answer.status == .ok && answer.text == body)
        for (bad, message) in [
            (upload([("file; filename=x", "data"), ("csrf_token", token)]), "found \"file\" before it"),
            (upload([("csrf_token; filename=x", token)]), "as the first field"),
            (upload([("csrf_token", token + "A")]), "another session"),
            (upload([("csrf_token", String(repeating: "x", count: 20 << 10))]), "another session"),
            (upload([("csrf_token", "")]), "found none"), (upload([]), "found none"),
        ] {
            let answer = try await client.post("/upload", headers: Self.upload, body: bad)
            #expect(answer.status == .forbidden && answer.text.contains(message), "\(answer.text)")
        }
        let broken = try await client.post("/upload", headers: Self.upload, body: "--b\r\nX\r\n\r\n--b--")
        #expect(broken.status == .badRequest)
    }

    @Test("without a token of this client's own nothing is changed")
    func refusals() async throws {
        let app = try makeApp()
        let (client, other) = (try TestClient(app), try TestClient(app))
        let (own, foreign) = (try await client.get("/token").text, try await other.get("/token").text)
        #expect(try await client.post("/").status == .forbidden)
        for bad in ["", "x", "a.b", foreign, own + "A", String(own.dropFirst())] {
            let answer = try await client.post("/", headers: Self.form, body: "csrf_token=\(bad)")
            #expect(answer.status == .forbidden, "\(bad)")
            #expect(answer.text.contains("csrf_token"), "the answer names the remedy")
        }
        // A session's cookie is no token, though the same secret has signed it.
        let cookie = try await client.get("/token").headers[.setCookie] ?? ""
        #expect(
            try await client.post(
                "/", headers: Self.form, body: "csrf_token=\(cookie.dropFirst(8).prefix { $0 != ";" })"
            )
            .status == .forbidden)
        #expect(try await TestClient(app).post("/", headers: Self.form, body: "csrf_token=\(own)").status == .forbidden)
    }

    @Test("what a browser says of the page is heard before the token")
    func sites() async throws {
        let client = try TestClient(makeApp())
        let token = try await client.get("/token").text
        func status(_ name: String, _ value: String) async throws -> HTTPResponse.Status {
            var fields = Self.form
            fields[.init(name)!] = value  // Each is a token.
            return try await client.post("/", headers: fields, body: "csrf_token=\(token)").status
        }
        for (name, value) in [
            ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "none"), ("Origin", "http://localhost"),
            ("Origin", "https://LOCALHOST"), ("Origin", "https://localhost:443"), ("Origin", "http://localhost:80"),
        ] {
            #expect(try await status(name, value) == .ok, "\(name): \(value)")
        }
        for (name, value) in [
            ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "null"),
            ("Origin", "http://evil.example"), ("Origin", "http://localhost.evil.example"),
            ("Origin", "ws://localhost"), ("Origin", "http://localhost:8080"), ("Origin", "http://localhost/\u{301}"),
        ] {
            #expect(try await status(name, value) == .forbidden, "\(name): \(value)")
        }
    }

    @Test(
        "under `no-referrer` the browser hides the origin and says that it is this one: the token decides (Fetch §3.1.1)"
    )
    func hiddenOrigin() async throws {
        let client = try TestClient(makeApp())
        let token = try await client.get("/token").text
        func post(_ site: String, _ token: String) async throws -> TestResponse {
            var fields = Self.form
            fields[.origin] = "null"
            fields[.init("Sec-Fetch-Site")!] = site  // Safe: the literal is a valid field name.
            return try await client.post("/", headers: fields, body: "csrf_token=\(token)")
        }
        #expect(try await post("same-origin", token).status == .ok)
        #expect(try await post("same-origin", "x").text.contains("another session"))
        #expect(try await post("cross-site", token).status == .forbidden)
    }

    @Test("a refusal names both sides that were compared, and what a proxy has to do") func proxy() async throws {
        let client = try TestClient(makeApp())
        let token = try await client.get("/token").text
        var fields = Self.form
        fields[.origin] = "https://localhost:8443"
        let answer = try await client.post("/", headers: fields, body: "csrf_token=\(token)")
        #expect(answer.status == .forbidden)
        for part in ["\"https://localhost:8443\"", "\"localhost\"", "proxy_set_header Host $http_host"] {
            #expect(answer.text.contains(part))
        }
        let refused = await #expect(throws: TestHandshakeError.self) {
            try await client.webSocket("/socket", headers: [.origin: "https://localhost:8443"]) { _ async throws in }
        }
        #expect(refused?.response.text == answer.text, "one comparison for forms and sockets")
    }

    @Test("the answer is the same however a form is cut into pieces", arguments: [1, 7, 4096, 16 << 10, 64 << 10])
    func pieces(length: Int) async throws {
        // As a body in chunks arrives, over either version of HTTP.
        var app = try makeApp { request, next in
            var request = request
            request.body = RequestBody(cutting: try await request.body.collect(), into: length)
            return try await next(request)
        }
        app.post("/upload") { request in "\(try await request.body.collect().readableBytes)" }
        let client = try TestClient(app)
        let token = try await client.get("/token").text
        let file = ("file; filename=x", String(repeating: "x", count: 24 << 10))
        let good = upload([("csrf_token", token), file])
        #expect(try await client.post("/upload", headers: Self.upload, body: good).text == "\(good.utf8.count)")
        for (bad, message) in [
            ([file, ("csrf_token", token)], "before it"), ([("csrf_token", token + "A"), file], "another session"),
            ([("csrf_token", String(repeating: "x", count: 20 << 10))], "another session"), ([], "found none"),
        ] {
            let answer = try await client.post("/upload", headers: Self.upload, body: upload(bad))
            #expect(answer.status == .forbidden && answer.text.contains(message), "\(answer.text)")
        }
    }

    @Test("a form is read within the limit of its route, in mounted apps too", arguments: ["", "/inner"])
    func limits(prefix: String) async throws {
        func addRoutes(to app: inout App) {
            app.bodyLimit = 1000
            app.post("/large", bodyLimit: 4 << 20) { request in "\(try await request.body.collect().readableBytes)" }
            app.post("/small", bodyLimit: 100) { _ in "small" }
            app.post("/plain") { _ in "plain" }
        }
        var app = try makeApp()
        if prefix.isEmpty {
            addRoutes(to: &app)
        } else {
            var inner = App(bare: ())
            addRoutes(to: &inner)
            app.mount(prefix, inner)
        }
        let client = try TestClient(app)
        let token = try await client.get("/token").text
        let large = "csrf_token=\(token)&text=" + String(repeating: "x", count: 2 << 20)
        #expect(
            try await client.post(prefix + "/large", headers: Self.form, body: large).text == "\(large.utf8.count)")
        let file = upload([("csrf_token", token), ("file; filename=x", String(repeating: "x", count: 2 << 20))])
        #expect(
            try await client.post(prefix + "/large", headers: Self.upload, body: file).text == "\(file.utf8.count)")
        for (path, body) in [("/small", String(repeating: "x", count: 101)), ("/plain", large), ("/plain", file)] {
            for type in [Self.form, Self.upload] {
                let answer = try await client.post(prefix + path, headers: type, body: body)
                #expect(answer.status == .contentTooLarge, "\(path)")
            }
        }
    }

    @Test("APIs that take no cookie for a proof can be left out, by whole segments")
    func exempt() async throws {
        let client = try TestClient(makeApp())
        #expect(try await client.post("/api/x").text == "api")
        #expect(try await client.post("/hook").text == "hook")
        #expect(try await client.post("/hooks").status == .forbidden)
        #expect(try await client.post("/api/../").status == .forbidden)
    }

    @Test("a socket opens; its own check is that of the origin")
    func webSocket() async throws {
        try await TestClient(makeApp()).webSocket("/socket") { socket async throws in
            #expect(try await socket.receiveText() == "open")
        }
    }

    @Test("without Sessions before it, it says so")
    func order() {
        var app = App(bare: ())
        #expect(throws: MissingExtensionError.self) { try app.install(CSRFProtection()) }
    }
}

extension RequestBody {
    /// A body of unknown length that arrives in pieces.
    fileprivate init(cutting bytes: ByteBuffer, into length: Int) {
        let queue = BodyQueue(limit: .max) {}
        var rest = bytes
        while let piece = rest.readSlice(length: Swift.min(length, rest.readableBytes)), piece.readableBytes > 0 {
            _ = queue.push(piece)
        }
        queue.finish()
        self.init(arriving: queue, declaredLength: nil)
    }
}
