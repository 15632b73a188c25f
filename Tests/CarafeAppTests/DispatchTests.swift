import CarafeApp
import CarafeTesting
import HTTPTypes
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct DispatchTests {
    @Test("a path without a route is 404") func pathWithoutRoute404() async throws {
        let client = try makeClient()
        #expect(try await client.get("/nothing").status == .notFound)
        #expect(try await client.request(.options, "/nothing").status == .notFound)
        #expect(try await client.post("/nothing/").status == .notFound)
    }

    @Test("RFC 9110 §15.5.6: 405 lists the allowed methods") func anotherMethodIs405() async throws {
        let response = try await makeClient().delete("/both")
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "GET, HEAD, OPTIONS, POST")
        #expect(try await makeClient().get("/post").headers[.allow] == "OPTIONS, POST")
    }

    @Test("RFC 9110 §9.3.7: OPTIONS lists the allowed methods") func answersOPTIONS() async throws {
        let response = try await makeClient().request(.options, "/both")
        #expect(response.status == .noContent)
        #expect(response.headers[.allow] == "GET, HEAD, OPTIONS, POST")
    }

    @Test("an OPTIONS route of your own wins") func optionsRoute() async throws {
        var app = App(bare: ())
        app.route(methods: [.options], "/") { _ in "own" }
        #expect(try await TestClient(app).request(.options, "/").text == "own")
    }

    @Test("RFC 9110 §9.3.2: HEAD is GET without a body") func answersHEAD() async throws {
        let client = try makeClient()
        let response = try await client.head("/both")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(response.body.readableBytes == 0)
        #expect(try await client.head("/post").status == .methodNotAllowed)
    }

    @Test("a slash redirects where only the other form exists") func slashRedirects() async throws {
        let client = try makeClient()
        for (path, other) in [
            ("/both/?a=1&b=%20", "/both?a=1&b=%20"), ("/folder?x", "/folder/?x"), ("/folder", "/folder/"),
        ] {
            let response = try await client.get(path)
            #expect(response.status == .permanentRedirect)
            #expect(response.headers[.location] == other)
        }
        #expect(try await client.post("/both/?a=1", body: "x").status == .permanentRedirect)
    }

    @Test("a slash redirects inside a mount too") func slashRedirectsInside() async throws {
        var outer = App(bare: ())
        outer.mount("/群/in", makeApp())
        let client = try TestClient(outer)
        let mount = "/%E7%BE%A4/in"
        #expect(try await client.get(mount + "/both/?a=1").headers[.location] == mount + "/both?a=1")
        #expect(try await client.get(mount + "/folder?a=1").headers[.location] == mount + "/folder/?a=1")
        #expect(try await client.get(mount + "?a=1").headers[.location] == mount + "/?a=1")
    }

    @Test("a slash never redirects to another host") func slashNeverRedirects() async throws {
        var app = App(bare: ())
        app.get("/<name>") { (_, name: String) in name }
        let client = try TestClient(app)
        #expect(try await client.get("//evil.example/").headers[.location] == "/evil.example")
        #expect(try await client.get(#"/\evil.example/"#).headers[.location] == "/%5Cevil.example")
        #expect(try await client.get("/%2Fevil.example/").headers[.location] == "/%2Fevil.example")
    }

    @Test("RFC 9110 §15.5.22: 426 names the protocol") func aPlainGETOfAnUpgradeIs426() async throws {
        var app = App(bare: ())
        app.route(upgradingTo: "websocket", "/socket") { _ in Response(.ok) }
        let client = try TestClient(app)
        let response = try await client.get("/socket")
        #expect(response.status == .upgradeRequired)
        #expect(response.headers[.upgrade] == "websocket")
        let head = try await client.head("/socket")
        #expect(head.status == .upgradeRequired && head.headers == response.headers, "§9.3.2")
        #expect(try await client.post("/socket").status == .methodNotAllowed)
    }

    @Test("RFC 9110 §14.5: a part of a representation is not taken for the whole", arguments: ["/", "/in/"])
    func partialPut(prefix: String) async throws {
        func makeApp() -> App {
            var app = App(bare: ())
            for method in [HTTPRequest.Method.put, .post] {
                app.route(methods: [method], "/file") { request in try await request.body.text() }
            }
            return app
        }
        var app = makeApp()
        app.mount("/in", makeApp())
        let client = try TestClient(app)
        let part: HTTPFields = [.contentRange: "bytes 2-3/10"]
        let refused = try await client.put(prefix + "file", headers: part, body: "23")
        #expect(refused.status == .badRequest && refused.text.contains("Content-Range"))
        #expect(try await client.put(prefix + "file", body: "all").text == "all")
        #expect(try await client.post(prefix + "file", headers: part, body: "23").text == "23", "§14.4: ignored")
        #expect(try await client.put(prefix + "none", headers: part, body: "23").status == .notFound)
    }

    @Test("RFC 9110 §15.5.14: 413") func aBodyHasALimitPerAppAndPerRoute() async throws {
        var app = App(bare: ())
        app.bodyLimit = 10
        app.post("/app") { request in try await request.body.text() }
        app.post("/small", bodyLimit: 3) { request in try await request.body.text() }
        app.post("/large", bodyLimit: 20) { request in try await request.body.text() }
        app.post("/unread") { _ in "unread" }
        let client = try TestClient(app)
        for (path, limit) in [("/app", 10), ("/small", 3), ("/large", 20)] {
            #expect(try await client.post(path, body: String(repeating: "x", count: limit)).status == .ok)
            let refused = try await client.post(path, body: String(repeating: "x", count: limit + 1))
            #expect(refused.status == .contentTooLarge)
            #expect(refused.text == "Expected a body of at most \(limit) bytes.")
        }
        #expect(try await client.post("/unread", body: "0123456789A").status == .contentTooLarge)
    }

    @Test("a body is one mebibyte at most by default") func aBody() async throws {
        var app = App(bare: ())
        app.post("/") { request in "\(try await request.body.collect().readableBytes)" }
        let client = try TestClient(app)
        #expect(try await client.request(.post, "/", body: ByteBuffer(repeating: 1, count: 1 << 20)).text == "1048576")
        let larger = ByteBuffer(repeating: 1, count: 1 << 20 + 1)
        #expect(try await client.request(.post, "/", body: larger).status == .contentTooLarge)
    }

    @Test("a mounted app keeps its own body limit") func mountedAppKeeps() async throws {
        var inner = App(bare: ())
        inner.bodyLimit = 5
        inner.post("/") { request in try await request.body.text() }
        var outer = App(bare: ())
        outer.bodyLimit = 2
        outer.mount("/in", inner)
        let client = try TestClient(outer)
        #expect(try await client.post("/in/", body: "12345").text == "12345")
        #expect(try await client.post("/in/", body: "123456").status == .contentTooLarge)
    }

    @Test("hooks and middleware read as much as the route allows, and no more")
    func hooksMiddlewareReadAs() async throws {
        var inner = App(bare: ())
        inner.bodyLimit = 5
        inner.before { request in _ = try await request.body.collect() }
        inner.post("/", bodyLimit: 100) { _ in "read" }
        let client = try TestClient(inner)
        #expect(try await client.post("/", body: String(repeating: "1", count: 100)).text == "read")
        #expect(try await client.post("/", body: String(repeating: "1", count: 101)).status == .contentTooLarge)
        var outer = App(bare: ())
        outer.mount("/in", try makeLimitedApp())
        let mounted = try TestClient(outer)
        #expect(try await mounted.post("/in/", body: String(repeating: "1", count: 100)).text == "read")
        #expect(try await mounted.post("/in/", body: String(repeating: "1", count: 101)).status == .contentTooLarge)
        #expect(try await mounted.post("/in/other", body: "123456").status == .contentTooLarge)
    }

    private func makeLimitedApp() throws -> App {
        var app = App(bare: ())
        app.bodyLimit = 5
        app.use { request, next in
            _ = try await request.body.collect()
            return try await next(request)
        }
        app.post("/", bodyLimit: 100) { _ in "read" }
        app.post("/other") { _ in "read" }
        return app
    }

    private func makeApp() -> App {
        var app = App(bare: ())
        app.get("/both") { _ in "get" }
        app.post("/both") { _ in "post" }
        app.post("/post") { _ in "post" }
        app.get("/folder/") { _ in "folder" }
        return app
    }

    private func makeClient() throws -> TestClient { try TestClient(makeApp()) }
}
