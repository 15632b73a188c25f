import CarafeApp
import CarafeRouting
import HTTPTypes
import Testing

/// Building an app finds additions to a blueprint or an app that came after it was registered or mounted.
@Suite("CopyWatch", .timeLimit(.minutes(10)))
struct CopyWatchTests {
    private func problem(_ setUp: (inout App) throws -> Void) throws -> String? {
        var app = App(bare: ())
        try setUp(&app)
        do {
            _ = try app.makeHandler()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("a blueprint that gets its routes after it was registered")
    func blueprint() throws {
        let text = try problem { app in
            var admin = Blueprint(prefix: "/admin")
            app.register(admin)
            admin.get("/users") { _ in "users" }
            admin.get("/more") { _ in "more" }
        }
        #expect(
            text == "route blueprint /admin: GET /users came after `register`, which had taken a copy: "
                + "call `register` when it is complete")
    }

    @Test("hooks, middleware, error handlers and blueprints that come too late")
    func others() throws {
        let changes: [(String, (inout Blueprint) -> Void)] = [
            ("a hook", { $0.before { _ in } }), ("a hook", { $0.after { _, _ in } }),
            ("a middleware", { $0.use { try await $1($0) } }),
            ("an error handler", { $0.onError(.notFound) { _, _ in "none" } }),
            ("the blueprint /in", { $0.register(Blueprint(prefix: "/in")) }),
        ]
        for (name, change) in changes {
            let text = try problem { app in
                var blueprint = Blueprint(prefix: "/b")
                blueprint.get("/") { _ in "" }
                app.register(blueprint)
                change(&blueprint)
            }
            #expect(text?.hasPrefix("route blueprint /b: \(name) came after `register`") == true, "\(name)")
        }
    }

    @Test("a blueprint in a blueprint, in a mounted app")
    func nested() throws {
        let text = try problem { app in
            var inner = Blueprint(prefix: "/inner")
            var outer = Blueprint(prefix: "/outer")
            outer.register(inner)
            var mounted = App(bare: ())
            mounted.register(outer)
            app.mount("/mounted", mounted)
            inner.post("/late") { _ in "late" }
        }
        #expect(text?.hasPrefix("route blueprint /inner: POST /late came after `register`") == true)
    }

    @Test("an app that is changed after it was mounted")
    func mounted() throws {
        struct Plugin: Extension {
            func install(in app: inout App) {}
        }
        let changes: [(String, (inout App) throws -> Void)] = [
            ("GET /late", { $0.get("/late") { _ in "" } }), ("the debug mode", { $0.debug = true }),
            ("the extension Plugin", { try $0.install(Plugin()) }), ("the body limit", { $0.bodyLimit = 1 }),
            ("the app mounted at /x", { $0.mount("/x", App(bare: ())) }),
            ("a template function", { $0.templateFunctions["now"] = { _, _ in "" } }),
        ]
        for (name, change) in changes {
            let text = try problem { app in
                var shop = App(bare: ())
                app.mount("/shop", shop)
                try change(&shop)
            }
            #expect(text?.hasPrefix("route app mounted at /shop: \(name) came after `mount`") == true, "\(name)")
        }
    }

    @Test("copies that went their own way before, and changes of the app around, are no fault")
    func innocent() throws {
        let text = try problem { app in
            let base = Blueprint(prefix: "/a")
            var (one, two) = (base, base)
            one.get("/one") { _ in "one" }
            app.register(one)
            two.get("/two") { _ in "two" }
            app.register(two)
            app.register(base)
            app.get("/") { _ in "" }
            app.debug = true
        }
        #expect(text == nil)
    }
}
