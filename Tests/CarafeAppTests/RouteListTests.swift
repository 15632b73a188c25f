import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct RouteListTests {
    @Test("an app without routes says so") func appWithoutRoutes() throws {
        #expect(try App(bare: ()).routes.entries == [])
        #expect(try "\(App(bare: ()).routes)" == "no routes")
    }

    @Test("the list is a table in the order of registration") func isATable() throws {
        #expect(
            try makeApp().routes.description == """
                GET     /users/<int:id>
                GET     /form
                POST    /form
                GET     /chat/<name>  (websocket)
                GET     /a
                GET     /admin/
                DELETE  /admin/users/<int:id>
                GET     /shop/
                GET     /shop/群/<path:rest>
                *       /shop/deep/any
                """)
    }

    @Test("a route has its parts") func aRoute() throws {
        let entries = try makeApp().routes.entries
        #expect(entries.map(\.method).prefix(4) == ["GET", "GET", "POST", "GET"])
        #expect(entries.map(\.protocolName).prefix(5) == [nil, nil, nil, "websocket", nil])
        #expect(entries[6].pattern == "/admin/users/<int:id>")
    }

    @Test("looking at the routes of an app does not fix its place") func lookingAtTheRoutes() async throws {
        var inner = App(bare: ())
        let route = inner.get("/x") { request in request.mountPoint }
        #expect(try inner.routes.entries.count == 1)
        var outer = App(bare: ())
        outer.mount("/in", inner)
        #expect(try await TestClient(outer).get("/in/x").text == "/in")
        #expect(route.url() == "/in/x")
    }

    @Test("the problem of a route is thrown") func problemRouteThrown() throws {
        var app = App(bare: ())
        app.get("no/slash") { _ in "" }
        #expect(throws: RouteError.self) { try app.routes }
        var outer = App(bare: ())
        outer.mount("/<lang>", App(bare: ()))
        #expect(throws: RouteError.self) { try outer.routes }
        var third = App(bare: ())
        third.register(Blueprint(prefix: "admin"))
        #expect(throws: RouteError.self) { try third.routes }
    }

    private func makeApp() -> App {
        var users = Blueprint(prefix: "/users")
        users.delete("/<int:id>") { (_, _: Int) in "" }
        var admin = Blueprint(prefix: "/admin")
        admin.get("/") { _ in "" }
        admin.register(users)
        var deep = App(bare: ())
        deep.route(methods: [HTTPRequest.Method("*")].compactMap { $0 }, "/any") { _ in "" }
        var shop = App(bare: ())
        shop.get("/") { _ in "" }
        shop.get("/群/<path:rest>") { (_, rest: String) in rest }
        shop.mount("/deep", deep)
        var app = App(bare: ())
        app.get("/users/<int:id>") { (_, _: Int) in "" }
        app.mount("/shop", shop)
        app.route(methods: [.get, .post], "/form") { _ in "" }
        app.register(admin)
        app.route(upgradingTo: "websocket", "/chat/<name>") { (_, _: String) in Response(.switchingProtocols) }
        app.get("/a") { _ in "" }
        return app
    }
}
