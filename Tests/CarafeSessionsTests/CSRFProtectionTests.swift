import CarafeApp
import CarafeTesting
import CarafeWebSocket
import HTTPTypes
import NIOCore
import Testing

@testable import CarafeSessions

@Suite("CSRFProtection", .timeLimit(.minutes(1)))
struct CSRFProtectionTests {
    private static let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

    private func makeApp() throws -> App {
        var app = App(bare: ())
        try app.install(Sessions(secret: "0123456789abcdef0123456789abcdef"))
        try app.install(CSRFProtection(exempting: ["/api/", "/hook"]))
        app.get("/token") { request in
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
            fields[.init("X-CSRF-Token")!] = good  // A token, so that there is a name.
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
        for bad in [
            upload([("file; filename=x", "data"), ("csrf_token", token)]), upload([("csrf_token", token + "A")]),
            upload([("csrf_token; filename=x", token)]), upload([("csrf_token", "")]), upload([]),
            upload([("csrf_token", String(repeating: "x", count: 20 << 10))]),
        ] {
            let answer = try await client.post("/upload", headers: Self.upload, body: bad)
            #expect(answer.status == .forbidden && answer.text.contains("before its files"))
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
            ("Origin", "https://LOCALHOST"),
        ] {
            #expect(try await status(name, value) == .ok, "\(name): \(value)")
        }
        for (name, value) in [
            ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "null"),
            ("Origin", "http://evil.example"), ("Origin", "http://localhost.evil.example"),
            ("Origin", "ws://localhost"),
        ] {
            #expect(try await status(name, value) == .forbidden, "\(name): \(value)")
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
        #expect(throws: MissingExtension.self) { try app.install(CSRFProtection()) }
    }
}
