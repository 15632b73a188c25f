import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct BlueprintTests {
    @Test("its routes stand below its prefix") func itsRoutesStandBelow() async throws {
        var admin = Blueprint(prefix: "/admin")
        admin.get("/") { _ in "index" }
        admin.get("/users/<int:id>") { (_, id: Int) in "\(id)" }
        admin.post("/users") { _ in (.created, "made") }
        var app = App(bare: ())
        app.get("/users/<int:id>") { (_, id: Int) in "public \(id)" }
        app.register(admin)
        let client = try TestClient(app)
        #expect(try await client.get("/admin/").text == "index")
        #expect(try await client.get("/admin/users/5").text == "5")
        #expect(try await client.get("/users/5").text == "public 5")
        #expect(try await client.post("/admin/users").status == .created)
        #expect(try await client.get("/admin?a=1").headers[.location] == "/admin/?a=1")
    }

    @Test("its hooks are for its routes only") func itsHooks() async throws {
        let log = Log()
        var admin = Blueprint(prefix: "/admin")
        admin.get("/") { _ in "index" }
        admin.use { request, next in
            log.add("use")
            return try await next(request)
        }
        admin.before { _ in log.add("before") }
        admin.after { _, response in log.add("after \(response.status.code)") }
        var app = App(bare: ())
        app.get("/") { _ in "home" }
        app.register(admin)
        let client = try TestClient(app)
        _ = try await client.get("/")
        _ = try await client.get("/admin/nothing")
        #expect(log.lines.isEmpty)
        _ = try await client.get("/admin/")
        #expect(log.lines == ["use", "before", "after 200"])
    }

    @Test("the hooks around it come first") func hooksAround() async throws {
        let log = Log()
        var inner = Blueprint(prefix: "/in")
        inner.get("/") { _ in try abort(.gone) }
        inner.before { _ in log.add("inner before") }
        inner.after { _, response in log.add("inner after \(response.status.code)") }
        var outer = Blueprint(prefix: "/out")
        outer.register(inner)
        outer.before { _ in log.add("outer before") }
        outer.after { _, response in log.add("outer after \(response.status.code)") }
        var app = App(bare: ())
        app.register(outer)
        app.before { _ in log.add("app before") }
        app.after { _, response in log.add("app after \(response.status.code)") }
        #expect(try await TestClient(app).get("/out/in/").status == .gone)
        #expect(
            log.lines == [
                "app before", "outer before", "inner before", "inner after 410", "outer after 410", "app after 410",
            ])
    }

    @Test("its hook can answer") func itsHookCanAnswer() async throws {
        var admin = Blueprint(prefix: "/admin")
        admin.before { _ in Response(.unauthorized) }
        admin.get("/") { _ in "index" }
        var app = App(bare: ())
        app.get("/") { _ in "home" }
        app.register(admin)
        let client = try TestClient(app)
        #expect(try await client.get("/admin/").status == .unauthorized)
        #expect(try await client.get("/").status == .ok)
    }

    @Test("its route limits hold") func itsRouteLimitsHold() async throws {
        var uploads = Blueprint(prefix: "/up")
        uploads.post("/", bodyLimit: 2) { request in try await request.body.text() }
        var app = App(bare: ())
        app.register(uploads)
        let client = try TestClient(app)
        #expect(try await client.post("/up/", body: "ab").text == "ab")
        #expect(try await client.post("/up/", body: "abc").status == .contentTooLarge)
    }

    @Test("a duplicate across blueprints names the whole route") func duplicateAcrossBlueprints() {
        var app = App(bare: ())
        app.get("/admin/<name>") { (_, name: String) in name }
        var admin = Blueprint(prefix: "/admin")
        admin.get("/<user>") { (_, user: String) in user }
        app.register(admin)
        let error = #expect(throws: RouteError.self) { try TestClient(app) }
        #expect(error?.description == "route GET /admin/<user>: unreachable: GET /admin/<name> takes the same requests")
    }

    @Test("a bad prefix is an error", arguments: ["admin", "", "/<lang>", "/a//b"]) func badPrefix(prefix: String) {
        var app = App(bare: ())
        app.register(Blueprint(prefix: prefix))
        #expect(throws: RouteError.self) { try TestClient(app) }
    }
}
