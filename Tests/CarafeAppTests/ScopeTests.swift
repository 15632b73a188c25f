import CarafeApp
import CarafeTesting
import HTTPTypes
import NIOCore
import Testing

private struct User: Sendable {
    var name: String
}

private struct Failure: Error {}

@Suite(.timeLimit(.minutes(10))) struct ScopeTests {
    @Test("middleware surrounds hooks, and hooks surround the handler") func middlewareStandsAroundHooks() async throws
    {
        let log = Log()
        var app = App(bare: ())
        // The handler first: the order of registration of different things makes no difference.
        app.get("/") { _ in
            log.add("handler")
            return "x"
        }
        app.after { _, _ in log.add("after 1") }
        app.before { _ in log.add("before 1") }
        for name in ["outer", "inner"] {
            app.use { request, next in
                log.add("into \(name)")
                let response = try await next(request)
                log.add("out of \(name)")
                return response
            }
        }
        app.before { _ in log.add("before 2") }
        app.after { _, _ in log.add("after 2") }
        _ = try await TestClient(app).get("/")
        #expect(
            log.lines == [
                "into outer", "into inner", "before 1", "before 2", "handler", "after 1", "after 2", "out of inner",
                "out of outer",
            ])
    }

    @Test("a hook before the handler changes the request") func beforeChangesTheRequest() async throws {
        var app = App(bare: ())
        app.before { request in request.values[User.self] = User(name: request.query["name"] ?? "nobody") }
        app.get("/") { request in request.values[User.self]?.name ?? "" }
        #expect(try await TestClient(app).get("/?name=Ann").text == "Ann")
    }

    @Test("a hook before the handler can respond in its place") func beforeCanAnswer() async throws {
        let log = Log()
        var app = App(bare: ())
        app.before { request in request.query["key"] == "1" ? nil : Response(.unauthorized) }
        app.before { _ in log.add("second hook") }
        app.after { _, response in response.headers[.server] = "Carafe" }
        app.get("/") { _ in "in" }
        let client = try TestClient(app)
        let refused = try await client.get("/")
        #expect(refused.status == .unauthorized)
        #expect(refused.headers[.server] == "Carafe")
        #expect(log.lines.isEmpty)
        #expect(try await client.get("/?key=1").text == "in")
    }

    @Test("a hook before the handler can respond with any reply") func beforeCanAnswerWithAny() async throws {
        var app = App(bare: ())
        app.before { request in request.path == "/a" ? redirect("/login") : nil }
        app.before { request in
            if request.path == "/b" { return "answer" }
            return nil
        }
        app.before { request in
            guard request.path == "/d" else { return nil }
            return Response(text: "response")
        }
        app.before { _ in nil }
        app.get("/<x>") { (_, x: String) in x }
        let client = try TestClient(app)
        #expect(try await client.get("/a").headers[.location] == "/login")
        #expect(try await client.get("/b").text == "answer")
        #expect(try await client.get("/c").text == "c")
        #expect(try await client.get("/d").text == "response")
    }

    @Test("a hook before the handler can throw") func beforeCanThrow() async throws {
        var app = App(bare: ())
        app.before { _ in try abort(.forbidden, "Closed.") }
        app.onError(.forbidden) { _, error in "handled: \(error.message ?? "")" }
        app.get("/") { _ in "in" }
        let response = try await TestClient(app).get("/")
        #expect(response.status == .forbidden)
        #expect(response.text == "handled: Closed.")
    }

    @Test("a hook after the handler changes the response") func afterChangesTheResponse() async throws {
        var app = App(bare: ())
        app.get("/") { _ in "x" }
        app.after { request, response in response.headers[.contentLocation] = request.path }
        #expect(try await TestClient(app).get("/").headers[.contentLocation] == "/")
    }

    @Test(
        "hooks after the handler and middleware see error responses",
        arguments: ["/forbidden", "/broken", "/missing", "/folder", "/large"])
    func afterAndMiddlewareSee(path: String) async throws {
        let log = Log()
        var app = App(bare: ())
        app.get("/forbidden") { _ in try abort(.forbidden) }
        app.get("/broken") { _ -> String in throw Failure() }
        app.get("/folder/") { _ in "" }
        app.get("/large", bodyLimit: 0) { _ in "" }
        app.after { _, response in log.add("after \(response.status.code)") }
        app.use { request, next in
            let response = try await next(request)
            log.add("use \(response.status.code)")
            return response
        }
        let response = try await TestClient(app).request(.get, path, body: .init(string: path == "/large" ? "x" : ""))
        #expect(response.status.code >= 300)
        #expect(log.lines == ["after \(response.status.code)", "use \(response.status.code)"])
    }

    @Test("an error of middleware is an error like any other") func errorMiddlewareErrorLike() async throws {
        var app = App(bare: ())
        app.get("/") { _ in "x" }
        app.use { _, _ in throw Failure() }
        app.onError(Failure.self) { _, _ in Response(.badGateway) }
        #expect(try await TestClient(app).get("/").status == .badGateway)
    }

    @Test("an error of a hook after the handler is an error like any other") func errorHookAfterHandler() async throws {
        var app = App(bare: ())
        app.get("/") { _ in "x" }
        app.after { _, _ in throw Failure() }
        app.onError(Failure.self) { _, _ in Response(.badGateway) }
        #expect(try await TestClient(app).get("/").status == .badGateway)
    }

    @Test("middleware can respond itself") func middlewareCanAnswerItself() async throws {
        var app = App(bare: ())
        app.get("/") { _ in "x" }
        app.use { _, _ in Response(text: "cached") }
        #expect(try await TestClient(app).get("/").text == "cached")
    }

    @Test("hooks of the outer app surround the mounted one") func hooksOfTheOuter() async throws {
        let log = Log()
        var inner = App(bare: ())
        inner.before { _ in log.add("inner") }
        inner.get("/") { request in request.values[User.self]?.name ?? "" }
        var outer = App(bare: ())
        outer.get("/own") { _ in "" }
        outer.before { request in
            log.add("outer")
            request.values[User.self] = User(name: "Ann")
        }
        outer.after { _, response in log.add("after \(response.status.code)") }
        outer.mount("/in", inner)
        let client = try TestClient(outer)
        #expect(try await client.get("/in/").text == "Ann")
        _ = try await client.get("/own")
        _ = try await client.get("/in/x")
        #expect(
            log.lines == ["outer", "inner", "after 200", "outer", "after 200", "outer", "inner", "after 404"])
    }

    @Test(
        "what a middleware throws is a response for the one outside: in apps, blueprints and mounted apps",
        arguments: [
            ("/app", ["app 409"]), ("/blue/", ["blue 409", "app 409"]),
            ("/outer/inner/", ["inner 409", "outer 409", "app 409"]), ("/mounted/", ["mounted 409", "app 409"]),
        ])
    func whatMiddlewareThrowsResponse(path: String, lines: [String]) async throws {
        let log = Log()
        func note(_ name: String, in scaffold: inout some Scaffold) {
            scaffold.use { request, next in
                let response = try await next(request)
                log.add("\(name) \(response.status.code)")
                return response
            }
        }
        func refuse(_ name: String, in scaffold: inout some Scaffold) {
            note(name, in: &scaffold)
            scaffold.use { _, _ in throw Failure() }
            scaffold.onError(Failure.self) { _, _ in Response(.conflict) }
            scaffold.get("/") { _ in "never" }
        }
        var blue = Blueprint(prefix: "/blue")
        refuse("blue", in: &blue)
        var (inner, outer) = (Blueprint(prefix: "/inner"), Blueprint(prefix: "/outer"))
        refuse("inner", in: &inner)
        note("outer", in: &outer)
        outer.register(inner)
        var mounted = App(bare: ())
        refuse("mounted", in: &mounted)
        var app = App(bare: ())
        note("app", in: &app)
        app.use { request, next in
            if request.path == "/app" { throw Failure() }
            return try await next(request)
        }
        app.onError(Failure.self) { _, _ in Response(.conflict) }
        app.register(blue)
        app.register(outer)
        app.mount("/mounted", mounted)
        #expect(try await TestClient(app).get(path).status == .conflict)
        #expect(log.lines == lines)
    }

    @Test("what a hook throws is a response for the hooks and the middleware behind it", arguments: [true, false])
    func hooksThrow(before: Bool) async throws {
        let log = Log()
        var app = App(bare: ())
        app.use { request, next in
            let response = try await next(request)
            log.add("use \(response.status.code)")
            return response
        }
        if before { app.before { _ in throw Failure() } } else { app.after { _, _ in throw Failure() } }
        app.after { _, response in log.add("after \(response.status.code)") }
        app.onError(Failure.self) { _, _ in Response(.badGateway) }
        app.get("/") { _ in "x" }
        _ = try await TestClient(app).get("/")
        #expect(log.lines == ["after 502", "use 502"])
    }

    @Test("error handlers and after hooks get the request as the before hooks have left it")
    func hooksShareTheRequest() async throws {
        let log = Log()
        var app = App(bare: ())
        app.before { request in request.values[User.self] = User(name: "Ann") }
        app.before { request in if request.path == "/hook" { throw Failure() } }
        app.after { request, _ in log.add("after \(request.values[User.self]?.name ?? "nobody")") }
        app.onError(Failure.self) { request, _ in "handled for \(request.values[User.self]?.name ?? "nobody")" }
        app.get("/") { _ -> String in throw Failure() }
        let client = try TestClient(app)
        for path in ["/", "/hook"] { #expect(try await client.get(path).text == "handled for Ann") }
        #expect(log.lines == ["after Ann", "after Ann"])
    }

    @Test("a body past the limit of a route is a response for the layers of its blueprint")
    func largeBody() async throws {
        let log = Log()
        var blue = Blueprint(prefix: "/blue")
        blue.use { request, next in
            let response = try await next(request)
            log.add("use \(response.status.code)")
            return response
        }
        blue.onError(.contentTooLarge) { _, _ in "too much" }
        blue.post("/", bodyLimit: 1) { _ in "never" }
        var app = App(bare: ())
        app.register(blue)
        #expect(try await TestClient(app).post("/blue/", body: "xx").text == "too much")
        #expect(log.lines == ["use 413"])
    }
}
