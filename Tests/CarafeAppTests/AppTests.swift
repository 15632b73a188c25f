import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

private struct Greeting: Extension {
    var text: String

    func install(in app: inout App) throws {
        let text = text
        app.get("/greeting") { _ in text }
        app.after { _, response in response.headers[.server] = text }
    }
}

private struct Failing: Extension {
    struct Broken: Error, Equatable {}

    func install(in app: inout App) throws { throw Broken() }
}

@Suite(.timeLimit(.minutes(10))) struct AppTests {
    @Test("an empty app answers 404") func emptyAppAnswers() async throws {
        #expect(try await TestClient(App(bare: ())).get("/").status == .notFound)
    }

    @Test("an extension uses the calls of the app's author") func extensionUses() async throws {
        var app = App(bare: ())
        try app.install(Greeting(text: "hello"))
        let response = try await TestClient(app).get("/greeting")
        #expect(response.text == "hello")
        #expect(response.headers[.server] == "hello")
    }

    @Test("an extension is found by its type") func extensionIsFound() async throws {
        var app = App(bare: ())
        #expect(throws: MissingExtensionError.self) { try app.require(Greeting.self) }
        try app.install(Greeting(text: "hello"))
        #expect(try app.require(Greeting.self).text == "hello")
        app.get("/") { request in try request.require(Greeting.self).text }
        app.get("/missing") { request in "\(try request.require(Failing.self))" }
        let client = try TestClient(app)
        #expect(try await client.get("/").text == "hello")
        #expect(try await client.get("/missing").status == .internalServerError)
    }

    @Test("a mounted app has its own extensions") func mountedApp() async throws {
        var inner = App(bare: ())
        try inner.install(Greeting(text: "inner"))
        inner.get("/") { request in try request.require(Greeting.self).text }
        var outer = App(bare: ())
        try outer.install(Greeting(text: "outer"))
        outer.get("/") { request in try request.require(Greeting.self).text }
        outer.mount("/in", inner)
        let client = try TestClient(outer)
        #expect(try await client.get("/in/").text == "inner")
        #expect(try await client.get("/").text == "outer")
    }

    @Test("installing twice is an error") func installingTwice() throws {
        var app = App(bare: ())
        try app.install(Greeting(text: "a"))
        let error = #expect(throws: ExtensionConflictError.self) { try app.install(Greeting(text: "b")) }
        #expect(error?.description == "the extension Greeting is installed already; install it once")
        #expect(app.extensions.count == 1)
    }

    @Test("an error of an attempt waits until the app is built") func anError() throws {
        var app = App(bare: ())
        app.attempt { try $0.install(Failing()) }
        #expect(throws: Failing.Broken.self) { try TestClient(app) }
    }

    @Test("an error in a mounted app is found too") func errorInAMounted() throws {
        var inner = App(bare: ())
        inner.attempt { try $0.install(Failing()) }
        var outer = App(bare: ())
        outer.mount("/in", inner)
        #expect(throws: Failing.Broken.self) { try TestClient(outer) }
    }

    @Test("a copy is an app of its own") func aCopy() async throws {
        var app = App(bare: ())
        app.get("/a") { _ in "a" }
        var copy = app
        copy.get("/b") { _ in "b" }
        #expect(try await TestClient(app).get("/b").status == .notFound)
        #expect(try await TestClient(copy).get("/b").text == "b")
    }
}
