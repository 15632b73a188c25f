import Carafe
import CarafeTesting
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("TestClient", .timeLimit(.minutes(10)))
struct TestClientTests {
    private struct Point: Codable, Equatable {
        var x: Int
    }

    private func client() throws -> TestClient {
        var app = App()
        app.get("/text") { _ in "text" }
        app.get("/json") { _ in Point(x: 1) }
        app.get("/stream") { _ in Response { writer in for part in ["a", "b", "c"] { try await writer.write(part) } } }
        app.route(methods: [.post, .put, .patch, .delete], "/body") { request in
            "\(request.method) \(try await request.body.text())"
        }
        app.post("/json") { request in Point(x: try await request.json(Point.self).x + 1) }
        app.get("/set/<value>") { (_, value: String) in
            var response = Response(.noContent)
            try response.setCookie(Cookie("seen", value, maxAge: value == "never" ? .zero : nil))
            return response
        }
        app.get("/raw") { request in
            Response(headers: HTTPFields(request.query[values: "c"].map { HTTPField(name: .setCookie, value: $0) }))
        }
        app.get("/raw/deep") { request in request.headers[.cookie] ?? "none" }
        app.get("/seen") { request in request.cookie("seen") ?? "nothing" }
        app.get("/peer") { request in request.remoteAddress ?? "nobody" }
        return try TestClient(app)
    }

    @Test("calls return the answer as a value")
    func values() async throws {
        let client = try client()
        let response = try await client.get("/text")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(response.text == "text")
        #expect(try await client.get("/json").json(Point.self) == Point(x: 1))
        #expect(try await client.get("/missing").status == .notFound)
    }

    @Test("each method has its call")
    func methods() async throws {
        let client = try client()
        #expect(try await client.post("/body", body: "b").text == "POST b")
        #expect(try await client.put("/body", body: "b").text == "PUT b")
        #expect(try await client.patch("/body", body: "b").text == "PATCH b")
        #expect(try await client.delete("/body").text == "DELETE ")
        #expect(try await client.post("/json", json: Point(x: 1)).json(Point.self) == Point(x: 2))
        #expect(try await client.request(.options, "/text").headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test(
        "RFC 6265bis §5.6, §5.7: a cookie is removed as a browser removes it",
        arguments: [
            "seen=;Max-Age=-1", "seen=x; max-age = 0", "seen=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "seen=x; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Max-Age=0", "seen=; Max-Age=9; Max-Age=0",
        ])
    func removedCookies(field: String) async throws {
        let client = try client()
        _ = try await client.get("/set/one")
        _ = try await client.get("/raw?c=" + URIText.encoded(field + "; Path=/"))
        #expect(try await client.get("/seen").text == "nothing")
    }

    @Test(
        "RFC 6265bis §5.6, §5.7: what a browser does not take, a test's client does not either",
        arguments: [
            "seen=" + String(repeating: "x", count: 4093) + ";Path=/", "__Secure-a=1", "__HOST-a=1; Secure; Path=/raw",
            "__Host-a=1; Secure; Path=/; Domain=localhost", "a=1; SameSite=none", "=", "a=1; Path=/raw/deeper",
            "a=1; Path=/ra",
        ])
    func ignoredCookies(field: String) async throws {
        let client = try client()
        _ = try await client.get("/raw?c=" + URIText.encoded(field))
        #expect(try await client.get("/raw/deep").text == "none")
    }

    @Test("RFC 6265bis §5.8.3: a cookie goes to its path and below, the longest path first")
    func cookiePaths() async throws {
        let client = try client()
        for field in [
            "a=1; Path=/", "a=2; Path=/raw/", "a=3; Path=/raw/deep", "b=4; path = /raw ", "d=5; Max-Age=x; Max-Age=",
            "a=6;Path=x",
        ] {
            _ = try await client.get("/raw?c=" + URIText.encoded(field))
        }
        // Without a path of its own a cookie is for the folder of the page (§5.1.4).
        #expect(try await client.get("/raw/deep").text == "a=3; a=2; b=4; a=6; d=5")
    }

    @Test("HEAD has no body")
    func head() async throws {
        let response = try await client().head("/text")
        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
    }

    @Test("a streamed body comes whole")
    func stream() async throws {
        #expect(try await client().get("/stream").text == "abc")
    }

    @Test("cookies are kept between calls, replaced and removed")
    func cookies() async throws {
        let client = try client()
        #expect(try await client.get("/seen").text == "nothing")
        _ = try await client.get("/set/one")
        #expect(try await client.get("/seen").text == "one")
        _ = try await client.get("/set/two")
        #expect(try await client.get("/seen").text == "two")
        #expect(try await client.get("/seen", headers: [.cookie: "seen=own"]).text == "own")
        _ = try await client.get("/set/never")
        #expect(try await client.get("/seen").text == "nothing")
    }

    @Test("each client has its own cookies")
    func separateCookies() async throws {
        let first = try client()
        let second = try client()
        _ = try await first.get("/set/one")
        #expect(try await second.get("/seen").text == "nothing")
    }

    @Test("there is a peer address")
    func peer() async throws {
        #expect(try await client().get("/peer").text == "127.0.0.1")
    }

    @Test("an hour passes when the test says so, and not before")
    func virtualTime() async throws {
        let started = Gate()
        var app = App()
        app.get("/later") { request in
            let timer = request.connection.eventLoop.scheduleTask(in: .hours(1)) { "an hour later" }
            started.open()
            return try await timer.futureResult.get()
        }
        let client = try TestClient(app)
        async let response = client.get("/later")
        await started.wait()
        await client.advanceTime(by: .hours(1))
        #expect(try await response.text == "an hour later")
    }

    @Test("an app that cannot be built is an error before the first call")
    func badApp() {
        var app = App()
        app.get("/<int:id>") { (_, name: String) in name }
        #expect(throws: (any Error).self) { try TestClient(app) }
    }

    @Test("a target that no client would send is an error")
    func badTarget() async throws {
        let client = try client()
        await #expect(throws: TargetError.self) { try await client.get("text") }
    }

    @Test("limits of bodies hold here too: of the app, and of a route")
    func bodyLimits() async throws {
        var app = App()
        app.bodyLimit = 4
        app.post("/app") { request in try await request.body.text() }
        app.post("/route", bodyLimit: 8) { request in try await request.body.text() }
        let client = try TestClient(app)
        #expect(try await client.post("/app", body: "1234").text == "1234")
        #expect(try await client.post("/app", body: "12345").status == .contentTooLarge)
        #expect(try await client.post("/route", body: "12345678").text == "12345678")
        #expect(try await client.post("/route", body: "123456789").status == .contentTooLarge)
    }

    // MARK: Extensions and errors

    /// Holds something open while the app serves, as a pool does.
    private final class Pool: Extension {
        struct Closed: Error {}

        let state = Mutex("closed")
        let failure: (any Error)?

        init(failure: (any Error)?) {
            self.failure = failure
        }

        func install(in app: inout App) {
            app.get("/query") { [self] _ in
                guard state.withLock({ $0 }) == "open" else { throw Closed() }
                return "rows"
            }
        }

        func around(_ serve: Serve) async throws {
            if let failure { throw failure }
            state.withLock { $0 = "open" }
            try await serve()
            state.withLock { $0 = "closed again" }
        }
    }

    private func app(_ pool: Pool, mounted: Bool) throws -> App {
        var app = App()
        try app.install(pool)
        guard mounted else { return app }
        var outer = App()
        outer.mount("/in", app)
        return outer
    }

    @Test("extensions run as under a server, those of mounted apps too", arguments: [false, true])
    func around(mounted: Bool) async throws {
        let pool = Pool(failure: nil)
        let client = try TestClient(app(pool, mounted: mounted))
        #expect(pool.state.withLock { $0 } == "closed")
        let path = mounted ? "/in/query" : "/query"
        async let other = client.get(path)
        #expect(try await client.get(path).text == "rows")
        #expect(try await other.text == "rows")
        try await client.stop()
        #expect(pool.state.withLock { $0 } == "closed again")
    }

    @Test("a scope has a client, and ends the extensions")
    func scoped() async throws {
        let pool = Pool(failure: nil)
        let text = try await withTestClient(app(pool, mounted: false)) { try await $0.get("/query").text }
        #expect(text == "rows")
        #expect(pool.state.withLock { $0 } == "closed again")
    }

    @Test("what keeps an extension from serving is the error of the first request")
    func aroundFails() async throws {
        struct NoDatabase: Error {}
        let client = try TestClient(app(Pool(failure: NoDatabase()), mounted: false))
        for _ in 1...2 { await #expect(throws: NoDatabase.self) { try await client.get("/query") } }
        struct Silent: Extension {
            func install(in app: inout App) {}
            func around(_ serve: Serve) async throws {}
        }
        var app = App()
        try app.install(Silent())
        let error = await #expect(throws: (any Error).self) { try await TestClient(app).get("/") }
        #expect(error.map { "\($0)" }?.contains("ended without it") == true)
    }

    @Test("a 500 tells the test its cause, and the log has the lines")
    func cause() async throws {
        struct Broken: Error { let part = "pump" }
        var app = App()
        app.get("/broken") { request -> String in
            request.logger.debug("at work")
            throw Broken()
        }
        app.get("/missing") { _ -> String in throw HTTPError(.notFound) }
        let client = try TestClient(app)
        let response = try await client.get("/broken")
        #expect(response.error == #"Broken(part: "pump")"# && response.text == "Internal Server Error")
        #expect(client.log.map(\.message) == ["at work", "GET /broken failed"])
        #expect(try await client.get("/missing").error == nil)
        #expect(try await client.get("/text").error == nil)
    }
}
