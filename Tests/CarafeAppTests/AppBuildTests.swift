import CarafeApp
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct AppBuildTests {
    @Test("a mounted app answers below its prefix") func mountedAppAnswers() async throws {
        var outer = App(bare: ())
        outer.get("/") { _ in "outer" }
        outer.mount("/in", makeInner())
        let client = try TestClient(outer)
        #expect(try await client.get("/").text == "outer")
        #expect(try await client.get("/in/").text == "home at /in, path /")
        #expect(try await client.get("/in/a/b").text == "a/b")
        #expect(try await client.get("/inner").status == .notFound)
        #expect(try await client.get("/in/nothing/at/all").text == "nothing/at/all")
        #expect(try await client.post("/in/").headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test("mounts stand inside mounts") func mountsStandInsideMounts() async throws {
        var middle = App(bare: ())
        middle.mount("/y", makeInner())
        var outer = App(bare: ())
        outer.mount("/x", middle)
        #expect(try await TestClient(outer).get("/x/y/").text == "home at /x/y, path /")
    }

    @Test("a longer prefix wins in any order") func longerPrefixWins() async throws {
        for order in [["/a", "/a/b"], ["/a/b", "/a"]] {
            var outer = App(bare: ())
            for prefix in order {
                var inner = App(bare: ())
                inner.get("/<name>") { (request, name: String) in "\(name) at \(request.mountPoint)" }
                outer.mount(prefix, inner)
            }
            let client = try TestClient(outer)
            #expect(try await client.get("/a/b").text == "b at /a")
            #expect(try await client.get("/a/b/c").text == "c at /a/b")
            #expect(try await client.get("/a/c").text == "c at /a")
        }
    }

    @Test("the app around it keeps its own routes") func appAround() async throws {
        var outer = App(bare: ())
        outer.mount("/in", makeInner())
        outer.get("/in/special") { _ in "outer" }
        outer.get("/<first>/<second>") { (_, first: String, second: String) in "\(first) \(second)" }
        let client = try TestClient(outer)
        #expect(try await client.get("/in/special").text == "outer")
        #expect(try await client.get("/in/other").text == "other")
        #expect(try await client.get("/out/other").text == "out other")
    }

    @Test("the client may encode the prefix", arguments: ["/%65cho/x", "/e%63h%6F/x", "/echo/x"]) func clientMayEncode(
        path: String
    )
        async throws
    {
        var outer = App(bare: ())
        outer.mount("/echo", makeInner())
        #expect(try await TestClient(outer).get(path).text == "x")
    }

    @Test("the client may send the prefix without encoding", arguments: ["/@me/", "/%40me/", "/@me/x", "/%40m%65/x"])
    func clientNeed(path: String)
        async throws
    {
        var outer = App(bare: ())
        outer.mount("/@me", makeInner())
        #expect(try await TestClient(outer).get(path).text.hasPrefix(path.hasSuffix("x") ? "x" : "home"))
    }

    @Test("the error of a bad prefix names it", arguments: ["in", "/in/", "/", "", "/<lang>", "/a//b"])
    func badPrefixNames(prefix: String) {
        var outer = App(bare: ())
        outer.mount(prefix, makeInner())
        let error = #expect(throws: RouteError.self) { try TestClient(outer) }
        #expect(error?.route.hasSuffix(prefix) == true)
    }

    @Test("two apps at one place are an error") func twoApps() {
        var outer = App(bare: ())
        outer.mount("/in", makeInner())
        outer.mount("/in", makeInner())
        let error = #expect(throws: RouteError.self) { try TestClient(outer) }
        #expect(error?.description.contains("/in/") == true)
        #expect(error?.description.contains("unreachable") == true)
    }

    @Test(
        "a route that hides one of the mounted app is an error",
        arguments: ["/in/a/<int:n>", "/in/a/<int:other>", "/in/a/<name>", "/in/a/<path:rest>", "/in/<path:rest>"])
    func routeThatHides(pattern: String) throws {
        var inner = App(bare: ())
        inner.get("/a/<int:n>") { (_, n: Int) in "\(n)" }
        var outer = App(bare: ())
        outer.mount("/in", inner)
        if pattern.contains("<int:") {
            outer.get(pattern) { (_, n: Int) in "\(n)" }
        } else {
            outer.get(pattern) { (_, text: String) in text }
        }
        let error = #expect(throws: RouteError.self) { try TestClient(outer) }
        #expect(
            error?.description == "route GET /in/a/<int:n>: unreachable in the app mounted at /in: "
                + "GET \(pattern) takes its requests")
    }

    @Test("a route that hides only some requests is no error") func routeThatHidesOnly() throws {
        var inner = App(bare: ())
        inner.get("/a/<name>") { (_, name: String) in name }
        var outer = App(bare: ())
        outer.mount("/in", inner)
        outer.get("/in/a/<int:n>") { (_, n: Int) in "\(n)" }
        outer.post("/in/a/<name>") { (_, name: String) in name }
        outer.get("/<any>/a/<name>") { (_, any: String, name: String) in any + name }
        _ = try TestClient(outer)
    }

    @Test("a mount that hides a route of another mounted app is an error") func mountThatHides() {
        for nearFirst in [true, false] {
            var far = App(bare: ())
            far.get("/b/c") { _ in "far" }
            var outer = App(bare: ())
            if nearFirst { outer.mount("/a/b", makeInner()) }
            outer.mount("/a", far)
            if !nearFirst { outer.mount("/a/b", makeInner()) }
            let error = #expect(throws: RouteError.self) { try TestClient(outer) }
            #expect(error?.route == "GET /a/b/c")
        }
    }

    @Test("one app at two places is an error") func oneAppAtTwo() {
        let inner = makeInner()
        var outer = App(bare: ())
        outer.mount("/a", inner)
        outer.mount("/b", inner)
        let error = #expect(throws: RouteError.self) { try TestClient(outer) }
        #expect(error?.description == "route mount /b: already mounted at /a; make the app once for each place")
    }

    @Test("one app can be built again at its place") func oneAppCan() throws {
        let app = makeInner()
        _ = try TestClient(app)
        _ = try TestClient(app)
        var outer = App(bare: ())
        outer.mount("/a", app)
        let error = #expect(throws: RouteError.self) { try TestClient(outer) }
        #expect(error?.description.contains("already mounted at /;") == true)
    }

    @Test("a blueprint prefix has no parameters") func blueprintPrefix() {
        var app = App(bare: ())
        app.register(Blueprint(prefix: "/<lang>"))
        let error = #expect(throws: RouteError.self) { try TestClient(app) }
        #expect(error?.description == "route blueprint /<lang>: expected a prefix without parameters")
    }

    @Test("JSON coders are the app's own") func jsonCoders() async throws {
        struct Person: Codable { var firstName: String }
        var inner = App(bare: ())
        inner.json.encoder.keyEncodingStrategy = .convertToSnakeCase
        inner.json.decoder.keyDecodingStrategy = .convertFromSnakeCase
        inner.post("/") { request in try await request.json(Person.self) }
        var outer = App(bare: ())
        outer.get("/") { _ in Person(firstName: "Bo") }
        outer.mount("/in", inner)
        let client = try TestClient(outer)
        #expect(try await client.post("/in/", body: #"{"first_name":"Ann"}"#).text == #"{"first_name":"Ann"}"#)
        #expect(try await client.get("/").text == #"{"firstName":"Bo"}"#)
    }

    @Test("extensions are open while the app serves, those of mounted apps too") func extensionsAreOpenWhile()
        async throws
    {
        let log = Log()
        var inner = App(bare: ())
        try inner.install(Opening(name: "inner", log: log))
        var outer = App(bare: ())
        try outer.install(Opening(name: "first", log: log))
        try outer.install(Opening(name: "second", log: log))
        outer.mount("/in", inner)
        try await outer.aroundServing { log.add("serve") }
        #expect(
            log.lines == [
                "open first", "open second", "open inner", "serve", "close inner", "close second", "close first",
            ])
    }

    private func makeInner() -> App {
        var app = App(bare: ())
        app.get("/") { request in "home at \(request.mountPoint), path \(request.path)" }
        app.get("/<path:rest>") { (_, rest: String) in rest }
        return app
    }
}

private struct Opening: Extension {
    var name: String
    var log: Log

    func install(in app: inout App) {}

    func around(_ serve: Serve) async throws {
        log.add("open \(name)")
        try await serve()
        log.add("close \(name)")
    }
}

/// The events, in order.
final class Log: Sendable {
    private let all = Mutex<[String]>([])

    var lines: [String] { all.withLock { $0 } }

    func add(_ line: String) { all.withLock { $0.append(line) } }
}
