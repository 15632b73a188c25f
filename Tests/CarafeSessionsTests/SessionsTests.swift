import CarafeApp
import CarafeTesting
import CarafeWebSocket
import FoundationEssentials
import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import CarafeSessions

private let secret = "0123456789abcdef0123456789abcdef"

/// A clock that the test sets, in seconds since 1970.
private final class TestClock: Sendable {
    let seconds = Mutex(1_000_000)

    func advance(days: Int) { seconds.withLock { $0 += days * 86_400 } }
}

@Suite("Sessions", .timeLimit(.minutes(10)))
struct SessionsTests {
    private let clock = TestClock()

    private func makeApp(
        secrets: [String] = [secret], store: (any SessionStore)? = nil, _ more: (inout App) -> Void = { _ in }
    ) throws -> App {
        var app = App(bare: ())
        try app.install(Sessions(secrets: secrets, store: store) { [clock] in clock.seconds.withLock { $0 } })
        app.get("/count") { request in
            let session = try await request.session
            session["count", default: 0] += 1
            return "\(session["count", default: 0])"
        }
        app.get("/look") { request in
            let name: String? = try await request.session["name"]
            return name ?? "nobody"
        }
        app.get("/login/<name>") { (request, name: String) in
            let session = try await request.session
            session.renew()
            session["name"] = name
            return session.id
        }
        app.get("/logout") { request in
            try await request.session.clear()
            return "bye"
        }
        app.get("/plain") { _ in "plain" }
        app.get("/fail") { request -> String in
            try await request.session["name"] = "kept"
            throw HTTPError(.badRequest)
        }
        more(&app)
        return app
    }

    private static let stores: [Bool] = [false, true]

    private func client(inStore: Bool) throws -> TestClient {
        try TestClient(makeApp(store: inStore ? MemorySessionStore() : nil))
    }

    @Test("a clock that is put back ends no session, and one that was far off makes none that last for years")
    func clockJumps() async throws {
        let client = try TestClient(makeApp())
        _ = try await client.get("/login/Ann")
        clock.seconds.withLock { $0 -= 3600 }
        #expect(try await client.get("/look").text == "Ann")
        clock.advance(days: -2)
        #expect(try await client.get("/look").text == "nobody")
    }

    @Test("what a client has is there at its next request, and nobody else has it", arguments: stores)
    func remembers(inStore: Bool) async throws {
        let app = try makeApp(store: inStore ? MemorySessionStore() : nil)
        let (ann, bob) = (try TestClient(app), try TestClient(app))
        for count in 1...3 { #expect(try await ann.get("/count").text == "\(count)") }
        #expect(try await bob.get("/count").text == "1")
    }

    @Test("only what asked for a session says so, and only what changed it sets a cookie", arguments: stores)
    func fields(inStore: Bool) async throws {
        let client = try client(inStore: inStore)
        let plain = try await client.get("/plain")
        #expect(plain.headers[.setCookie] == nil && plain.headers[.vary] == nil)
        let look = try await client.get("/look")
        #expect(look.headers[.setCookie] == nil && look.headers[.vary] == "Cookie")
        let count = try await client.get("/count")
        #expect(count.headers[.vary] == "Cookie" && count.headers[.cacheControl] == "private, no-cache")
        let cookie = try #require(count.headers[.setCookie])
        #expect(cookie.hasSuffix("; Path=/; SameSite=Lax; Max-Age=1209600; HttpOnly"))
        #expect(try await client.get("/look").headers[.setCookie] == nil)
        #expect(try await client.get("/fail").status == .badRequest)
        #expect(try await client.get("/look").text == "kept", "an error keeps the session too")
    }

    @Test("a login has a new id, and the old one is worth nothing", arguments: stores)
    func fixation(inStore: Bool) async throws {
        let app = try makeApp(store: inStore ? MemorySessionStore() : nil)
        let client = try TestClient(app)
        let before = try await client.get("/count").headers[.setCookie]?.prefix { $0 != ";" }
        let first = try await client.get("/login/Ann").text
        #expect(try await client.get("/look").text == "Ann")
        #expect(try await client.get("/count").text == "2", "what it held stays")
        #expect(try await client.get("/login/Ann").text != first)
        let thief = try TestClient(app)
        #expect(try await thief.get("/look", headers: [.cookie: String(before ?? "")]).text == "nobody")
    }

    @Test("a logout takes all, the cookie too", arguments: stores)
    func logout(inStore: Bool) async throws {
        let app = try makeApp(store: inStore ? MemorySessionStore() : nil)
        let client = try TestClient(app)
        let cookie = try await client.get("/login/Ann").headers[.setCookie]?.prefix { $0 != ";" } ?? ""
        let bye = try await client.get("/logout")
        #expect(bye.headers[.setCookie]?.contains("Max-Age=0") == true)
        #expect(try await client.get("/look").text == "nobody")
        // A cookie that somebody has copied is good until it ends; an id in a store is not.
        let replay = try await TestClient(app).get("/look", headers: [.cookie: String(cookie)])
        #expect(replay.text == (inStore ? "nobody" : "Ann"))
    }

    @Test("a session ends when it is not used, and at last even if it is; use puts off the first", arguments: stores)
    func time(inStore: Bool) async throws {
        let client = try client(inStore: inStore)
        _ = try await client.get("/login/Ann")
        clock.advance(days: 13)
        let look = try await client.get("/look")
        #expect(look.text == "Ann" && look.headers[.setCookie] != nil, "refreshed without a change")
        clock.advance(days: 13)
        #expect(try await client.get("/look").text == "Ann")
        clock.advance(days: 14)
        #expect(try await client.get("/look").text == "nobody")
        _ = try await client.get("/login/Bob")
        for _ in 0..<8 {
            clock.advance(days: 10)
            #expect(try await client.get("/look").text == "Bob")
        }
        clock.advance(days: 10)
        #expect(try await client.get("/look").text == "nobody")
    }

    @Test("what was not signed here, for this, is as good as nothing", arguments: stores)
    func forgery(inStore: Bool) async throws {
        let app = try makeApp(store: inStore ? MemorySessionStore() : nil)
        let client = try TestClient(app)
        let field = try await client.get("/login/Ann").headers[.setCookie] ?? ""
        let cookie = String(field.prefix { $0 != ";" })
        func look(_ cookie: String) async throws -> String {
            try await TestClient(app).get("/look", headers: [.cookie: cookie]).text
        }
        #expect(try await look(cookie) == "Ann")
        var forged = [
            "session=", "session=.", "session=a.b", "session=" + cookie.dropFirst(9), cookie + ".", cookie + "A",
            String(cookie.dropLast()), cookie.replacing(".", with: ""), "session=ä.ö", "session=..",
        ]
        forged[3] = "session=" + String(cookie.dropFirst(8).reversed())
        for bad in forged { #expect(try await look(bad) == "nobody", "\(bad)") }
        // Each bit of the text counts.
        for index in cookie.indices.dropFirst(8) where cookie[index] != "." {
            var changed = cookie
            changed.replaceSubrange(index...index, with: cookie[index] == "A" ? "B" : "A")
            #expect(try await look(changed) == "nobody")
        }
        let other = Signer(secrets: [secret], purpose: "carafe csrf token")
        let body = cookie.dropFirst(8).prefix { $0 != "." }
        #expect(try await look("session=" + other.sign(try #require(.init(base64URL: body)))) == "nobody")
    }

    @Test("RFC 4648 §3.5: a signature has one spelling")
    func canonical() throws {
        let signer = Signer(secrets: [secret], purpose: "test")
        let signed = signer.sign(Data([1, 2, 3]))
        #expect(signer.open(signed) == Data([1, 2, 3]))
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        #expect(letters.filter { signer.open(signed.dropLast() + String($0)) != nil } == String(signed.suffix(1)))
    }

    @Test("a new secret signs, an old one is still good, one that was taken away is not")
    func rotation() async throws {
        let old = try await TestClient(makeApp()).get("/login/Ann").headers[.setCookie] ?? ""
        let fields: HTTPFields = [.cookie: String(old.prefix { $0 != ";" })]
        let new = String(repeating: "n", count: 32)
        #expect(try await TestClient(makeApp(secrets: [new, secret])).get("/look", headers: fields).text == "Ann")
        #expect(try await TestClient(makeApp(secrets: [new])).get("/look", headers: fields).text == "nobody")
        let renewed = try await TestClient(makeApp(secrets: [new, secret])).get("/count", headers: fields)
        let cookie: HTTPFields = [.cookie: String((renewed.headers[.setCookie] ?? "").prefix { $0 != ";" })]
        #expect(try await TestClient(makeApp(secrets: [new])).get("/look", headers: cookie).text == "Ann")
    }

    @Test("set-up names its faults")
    func errors() async throws {
        let weak = #expect(throws: SessionError.self) { try Sessions(secret: "short") }
        #expect(weak?.description.hasPrefix("expected a secret of at least 32 bytes, found 5") == true)
        #expect(throws: SessionError.weakSecret(byteCount: 0)) { try Sessions(secrets: []) }
        #expect(throws: SessionError.weakSecret(byteCount: 3)) { try Sessions(secrets: [secret, "old"]) }
        var app = App(bare: ())
        app.debug = true
        app.get("/") { request in try await request.session.id }
        let response = try await TestClient(app).get("/")
        #expect(response.status == .internalServerError && response.text.contains("Sessions is not installed"))
    }

    @Test("a session that a cookie cannot hold is an error that says so; a store takes it")
    func size() async throws {
        func answer(inStore: Bool) async throws -> TestResponse {
            var app = try makeApp(store: inStore ? MemorySessionStore() : nil) { app in
                app.get("/big") { request in
                    try await request.session["big"] = String(repeating: "x", count: 4000)
                    return "kept"
                }
                app.get("/nan") { request in
                    try await request.session["nan"] = Double.nan
                    return "kept"
                }
            }
            app.debug = true
            #expect(try await TestClient(app).get("/nan").text.contains("the session's value \"nan\" cannot be kept"))
            return try await TestClient(app).get("/big")
        }
        #expect(try await answer(inStore: false).text.contains("the session with big is more than a cookie holds"))
        #expect(try await answer(inStore: true).text == "kept")
    }

    @Test("messages are shown once, in their order", arguments: stores)
    func flashes(inStore: Bool) async throws {
        let app = try makeApp(store: inStore ? MemorySessionStore() : nil) { app in
            app.post("/") { request in
                try await request.session.flash("Saved.")
                try await request.session.flash("Twice.", category: "info")
                return "ok"
            }
            app.get("/") { request in try await request.session.takeFlashes() }
        }
        let client = try TestClient(app)
        _ = try await client.post("/")
        #expect(try await client.get("/").json([Flash].self) == [Flash("Saved."), Flash("Twice.", category: "info")])
        #expect(try await client.get("/").json([Flash].self) == [])
    }

    @Test("a handshake brings its session, and takes a cookie along; later changes need a store", arguments: stores)
    func webSocket(inStore: Bool) async throws {
        let store = inStore ? MemorySessionStore() : nil
        let app = try makeApp(store: store) { app in
            app.webSocket("/socket") { socket in
                let session = try await socket.request.session
                session["early"] = true
                let name: String? = session["name"]
                try await socket.send(name ?? "nobody")
                session["name"] = "late"
                do {
                    try await socket.request.keepSession()
                    try await socket.send("kept")
                } catch {
                    try await socket.send("\(error)")
                }
            }
        }
        let client = try TestClient(app)
        _ = try await client.get("/login/Ann")
        try await client.webSocket("/socket") { socket async throws in
            #expect(socket.handshake.headers[.setCookie]?.hasPrefix("session=") == true)
            #expect(try await socket.receiveText() == "Ann")
            #expect(try await socket.receiveText() == (inStore ? "kept" : SessionError.cookieSent.description))
        }
        #expect(try await client.get("/look").text == (inStore ? "late" : "Ann"))
    }

    @Test("what a session got before a middleware inside refused the request is kept", arguments: stores)
    func refusedInside(inStore: Bool) async throws {
        let app = try makeApp(store: inStore ? MemorySessionStore() : nil) { app in
            app.use { request, next in
                if request.path == "/refused" {
                    try await request.session["name"] = "Ann"
                    throw HTTPError(.tooManyRequests)
                }
                return try await next(request)
            }
        }
        let client = try TestClient(app)
        #expect(try await client.get("/refused").status == .tooManyRequests)
        #expect(try await client.get("/look").text == "Ann")
    }
}
