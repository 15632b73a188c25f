import CarafeApp
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import Testing

private enum Colour: String, PathArgument {
    case red, green

    static let converters = ["colour"]
}

@Suite(.timeLimit(.minutes(10))) struct RouteDefinitionTests {
    @Test("handlers take typed arguments") func handlersTakeTypedArguments() async throws {
        var app = App(bare: ())
        app.get("/<a>/<int:b>/<float:c>/<uuid:d>/<path:e>") { (_, a: String, b: Int, c: Double, d: UUID, e: String) in
            "\(a)|\(b)|\(c)|\(d.uuidString)|\(e)"
        }
        let id = UUID()
        let response = try await TestClient(app).get("/x%20y/-5/1.5/\(id.uuidString.lowercased())/p/q")
        #expect(response.text == "x y|-5|1.5|\(id.uuidString)|p/q")
    }

    @Test("a segment that does not convert is no match") func segmentThatDoes() async throws {
        var app = App(bare: ())
        app.get("/i/<int:id>") { (_, id: Int) in "\(id)" }
        app.get("/f/<float:x>") { (_, x: Double) in "\(x)" }
        app.get("/u/<uuid:x>") { (_, x: UUID) in "\(x)" }
        let client = try TestClient(app)
        for path in ["/i/a", "/i/1.5", "/i/99999999999999999999", "/f/x", "/u/1", "/u/\(UUID().uuidString)0"] {
            #expect(try await client.get(path).status == .notFound, "\(path)")
        }
    }

    @Test("routes that differ in the converter coexist") func routesThatDiffer() async throws {
        for reversed in [false, true] {
            var app = App(bare: ())
            var steps: [(inout App) -> Void] = [
                { $0.get("/x/<name>") { (_, name: String) in "name \(name)" } },
                { $0.get("/x/<int:id>") { (_, id: Int) in "int \(id)" } },
                { $0.get("/x/<path:rest>") { (_, rest: String) in "path \(rest)" } },
                { $0.get("/x/me") { _ in "me" } },
                { $0.get("/x/<colour:c>") { (_, c: Colour) in "colour \(c)" } },
            ]
            if reversed { steps.reverse() }
            for step in steps { step(&app) }
            let client = try TestClient(app)
            #expect(try await client.get("/x/5").text == "int 5")
            #expect(try await client.get("/x/ann").text == "name ann")
            #expect(try await client.get("/x/me").text == "me")
            #expect(try await client.get("/x/red").text == "colour red")
            #expect(try await client.get("/x/a/b").text == "path a/b")
        }
    }

    @Test("a type of your own is a converter") func converterOfYour() async throws {
        var app = App(bare: ())
        let paint = app.get("/paint/<colour:c>") { (_, c: Colour) in "Painted \(c)." }
        let client = try TestClient(app)
        #expect(try await client.get(paint.url(.green)).text == "Painted green.")
        #expect(try await client.get("/paint/blue").status == .notFound)
    }

    @Test("a wrong count names the route") func wrongCountNames() {
        let fewer = problem { $0.get("/users/<int:id>/<name>") { (_, id: Int) in "\(id)" } }
        #expect(fewer == "route GET /users/<int:id>/<name>: the pattern has 2 parameters, the handler takes 1 (Int)")
        let more = problem { $0.post("/users") { (_, id: Int, name: String) in "" } }
        #expect(more == "route POST /users: the pattern has 0 parameters, the handler takes 2 (Int, String)")
        let none = problem { $0.get("/<a>") { _ in "" } }
        #expect(none == "route GET /<a>: the pattern has 1 parameters, the handler takes 0 (none)")
    }

    @Test("a wrong type names the route") func wrongTypeNames() {
        let int = problem { $0.get("/users/<int:id>") { (_, id: String) in id } }
        #expect(
            int == "route GET /users/<int:id>: argument 1 of the handler is String, which takes <string:id> or "
                + "<path:id>, found <int:id>")
        let string = problem { $0.get("/<a>/<b>") { (_, a: String, b: Int) in a } }
        #expect(
            string == "route GET /<a>/<b>: argument 2 of the handler is Int, which takes <int:b>, found <string:b>")
        let unknown = problem { $0.get("/<colr:c>") { (_, c: Colour) in "\(c)" } }
        #expect(unknown?.contains("is Colour, which takes <colour:c>, found <colr:c>") == true)
        let order = problem { $0.get("/<int:a>/<name>") { (_, name: String, a: Int) in name } }
        #expect(order?.hasPrefix("route GET /<int:a>/<name>: argument 1") == true)
    }

    @Test("a bad pattern names the route", arguments: ["users", "/a<b>", "/a//b", "/../a", "/<a>/<a>", "/%20"])
    func badPatternNames(
        pattern: String
    ) {
        let found = problem { $0.get(pattern) { _ in "" } }
        #expect(found?.hasPrefix("route GET \(pattern): ") == true, "\(found ?? "")")
    }

    @Test("a route needs a method") func routeNeeds() {
        #expect(problem { $0.route(methods: [], "/a") { _ in "" } }?.contains("at least one method") == true)
    }

    @Test("a duplicate names the route") func duplicateNames() {
        let found = problem { app in
            app.get("/a/<x>") { (_, x: String) in x }
            app.route(methods: [.post, .get], "/a/<y>") { (_, y: String) in y }
        }
        #expect(found == "route GET /a/<y>: unreachable: GET /a/<x> takes the same requests")
    }

    @Test("the first problem is thrown") func firstProblem() {
        let found = problem { app in
            app.get("one") { _ in "" }
            app.get("two") { _ in "" }
        }
        #expect(found?.hasPrefix("route GET one: ") == true)
    }

    @Test("a problem in a blueprint is found too") func aProblem() {
        let found = problem { app in
            var blueprint = Blueprint(prefix: "/b")
            blueprint.get("/<int:a>") { _ in "" }
            app.register(blueprint)
        }
        #expect(found?.hasPrefix("route GET /<int:a>: ") == true)
    }

    @Test("the URL of a bad route does not trap") func theURL() {
        var app = App(bare: ())
        #expect(app.get("bad") { _ in "" }.url() == "")
    }

    private func problem(_ setUp: (inout App) -> Void) -> String? {
        var app = App(bare: ())
        setUp(&app)
        let error = #expect(throws: RouteError.self) { try TestClient(app) }
        return error?.description
    }
}
