import CarafeApp
import CarafeTemplates
import CarafeTesting
import CarafeWebSocket
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeSessions

/// A store that only loads and saves, each after another task had its turn, and that can be away.
private final class FrailStore: SessionStore {
    struct Away: Error {}

    let isAway = Mutex(false)
    private let sessions = MemorySessionStore()

    private func reach() async throws {
        await Task.yield()
        if isAway.withLock({ $0 }) { throw Away() }
    }

    func load(_ id: String) async throws -> ByteBuffer? {
        try await reach()
        return sessions.load(id)
    }

    func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) async throws {
        try await reach()
        sessions.save(id, bytes, for: time)
    }

    func remove(_ id: String) async throws {
        try await reach()
        sessions.remove(id)
    }
}

@Suite("SessionStore", .timeLimit(.minutes(10)))
struct SessionStoreTests {
    private func makeApp(store: any SessionStore, _ more: (inout App) -> Void = { _ in }) throws -> App {
        var app = App(bare: ())
        try app.install(Sessions(secret: "0123456789abcdef0123456789abcdef", store: store))
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
        app.get("/plain") { _ in "plain" }
        more(&app)
        return app
    }

    @Test("a store that is away concerns those who ask for the session, and no cookie is dropped")
    func storeIsAway() async throws {
        let store = FrailStore()
        let app = try makeApp(store: store)
        let client = try TestClient(app)
        _ = try await client.get("/login/Ann")
        store.isAway.withLock { $0 = true }
        let plain = try await client.get("/plain")
        #expect(plain.status == .ok && plain.headers[.setCookie] == nil && plain.headers[.vary] == nil)
        #expect(try await client.get("/missing").status == .notFound)
        let look = try await client.get("/look")
        #expect(look.status == .internalServerError && look.error?.contains("Away") == true)
        #expect(look.headers[.setCookie] == nil)
        store.isAway.withLock { $0 = false }
        #expect(try await client.get("/look").text == "Ann")
    }

    /// A store that does not answer before `go` is opened, and counts how often it is asked.
    private final class SlowStore: SessionStore {
        let asked = Gate()
        let go = Gate()
        let loads = Mutex(0)
        private let sessions = MemorySessionStore()

        func load(_ id: String) async throws -> ByteBuffer? {
            loads.withLock { $0 += 1 }
            asked.open()
            await go.wait()
            return sessions.load(id)
        }

        func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) { sessions.save(id, bytes, for: time) }
        func remove(_ id: String) { sessions.remove(id) }
    }

    @Test("a store is asked when a handler, a hook or a page asks for the session, and once for a request")
    func readWhenAsked() async throws {
        let store = SlowStore()
        let folder = try TemporaryFolder()
        try folder.write("plain", to: "plain.html")
        try folder.write("{% include \"inner.html\" %}", to: "outer.html")
        try folder.write("{% if no %}no{% else %}{{ session(\"name\") }}{% endif %}", to: "inner.html")
        var app = try makeApp(store: store) { app in
            app.webSocket("/plain-socket") { socket in try await socket.send("open") }
            app.get("/page/<name>") { (_, name: String) in Template("\(name).html", ["no": false]) }
            app.get("/twice") { request in
                async let one = request.session
                async let other = request.session
                let both = try await [one, other]
                return both[0] === both[1] ? "same" : "others"
            }
        }
        try app.install(Templates(folder: folder.path))
        var mounted = App(bare: ())
        mounted.get("/") { _ in "mounted" }
        app.mount("/mounted", mounted)
        let client = try TestClient(app)
        _ = try await client.get("/login/Ann")
        #expect(store.loads.withLock { $0 } == 0, "there was no cookie")
        for path in ["/plain", "/mounted/", "/page/plain"] { #expect(try await client.get(path).status == .ok) }
        #expect(try await client.post("/plain").status == .methodNotAllowed)
        try await client.webSocket("/plain-socket") { socket async throws in
            #expect(try await socket.receiveText() == "open")
        }
        #expect(store.loads.withLock { $0 } == 0)
        async let slow = client.get("/look")
        await store.asked.wait()
        #expect(try await client.get("/plain").text == "plain", "others are served meanwhile")
        store.go.open()
        #expect(try await slow.text == "Ann")
        #expect(try await client.get("/page/outer").text == "Ann")
        #expect(store.loads.withLock { $0 } == 2)
        #expect(try await client.get("/twice").text == "same")
    }

    @Test("another engine whose templates ask for the session without its knowledge is told what to write")
    func otherEngine() async throws {
        struct Engine: TemplateRenderer {
            var known: Set<String>
            func functions(of name: String) -> Set<String> { known }
            func render(_ name: String, _ values: TemplateValues) throws -> String { "" }
            func render(_ name: String, _ values: TemplateValues, functions: TemplateFunctions) throws -> String {
                try functions.call("session", ["name"]) as? String ?? "none"
            }
        }
        for (known, isGood) in [(["session"], true), ([], false)] as [(Set<String>, Bool)] {
            var app = try makeApp(store: MemorySessionStore()) { app in app.get("/page") { _ in Template("page") } }
            try app.install(Templates(renderer: Engine(known: known)))
            let client = try TestClient(app)
            _ = try await client.get("/login/Ann")
            let page = try await client.get("/page")
            #expect(isGood ? page.text == "Ann" : page.error?.contains("`functions(of:)`") == true)
        }
    }

    @Test("what could not be kept on a socket is kept by the next try")
    func triesAgain() async throws {
        let store = FrailStore()
        let app = try makeApp(store: store) { app in
            app.webSocket("/socket") { socket in
                let session = try await socket.request.session
                try await socket.accept()
                session["name"] = "late"
                store.isAway.withLock { $0 = true }
                await #expect(throws: FrailStore.Away.self) { try await socket.request.keepSession() }
                store.isAway.withLock { $0 = false }
                try await socket.request.keepSession()
                try await socket.send("kept")
            }
        }
        let client = try TestClient(app)
        _ = try await client.get("/login/Ann")
        try await client.webSocket("/socket") { socket async throws in #expect(try await socket.receiveText() == "kept")
        }
        #expect(try await client.get("/look").text == "late")
    }

    /// Runs two requests of one session that have both read it before either has written.
    private func together(
        store: any SessionStore, _ one: @escaping @Sendable (Session) -> Void,
        _ other: @escaping @Sendable (Session) -> Void
    ) async throws -> TestClient {
        let haveRead = Mutex(0)
        let (bothRead, go) = (Gate(), Gate())
        let app = try makeApp(store: store) { app in
            app.get("/change/<int:which>") { (request, which: Int) in
                let session = try await request.session
                let isLast = haveRead.withLock { count in
                    count += 1
                    return count == 2
                }
                if isLast { bothRead.open() }
                await go.wait()
                (which == 1 ? one : other)(session)
                return session.id
            }
            app.get("/value/<name>") { (request, name: String) in
                let value: String? = try await request.session[name]
                return value ?? "none"
            }
            app.get("/flashes") { request in try await request.session.takeFlashes() }
        }
        let client = try TestClient(app)
        _ = try await client.get("/login/Ann")
        async let first = client.get("/change/1")
        async let second = client.get("/change/2")
        await bothRead.wait()
        go.open()
        _ = try await (first, second)
        return client
    }

    @Test("two requests at once change different values of a session, and both stay", arguments: [true, false])
    func atOnce(inMemory: Bool) async throws {
        let store: any SessionStore = inMemory ? MemorySessionStore() : FrailStore()
        let client = try await together(
            store: store,
            {
                $0["a"] = "1"
                $0.flash("one")
            },
            {
                $0["b"] = "2"
                $0.remove("name")
                $0.flash("two")
            })
        #expect(try await client.get("/value/a").text == "1")
        #expect(try await client.get("/value/b").text == "2")
        #expect(try await client.get("/value/name").text == "none")
        #expect(Set(try await client.get("/flashes").json([Flash].self).map(\.text)) == ["one", "two"])
    }

    @Test("a session that ends while another request changes it stays ended")
    func endsMeanwhile() async throws {
        let client = try await together(store: FrailStore(), { $0.clear() }, { $0["a"] = "1" })
        for path in ["/value/a", "/value/name"] { #expect(try await client.get(path).text == "none") }
    }

    @Test("a login keeps what another request has changed before")
    func renewsMeanwhile() async throws {
        let store = MemorySessionStore()
        let app = try makeApp(store: store) { app in
            app.get("/slow") { [self] request in
                let session = try await request.session
                session.renew()
                // The other request of this client, whose answer comes first.
                let cookie: HTTPFields = [.cookie: request.headers[.cookie] ?? ""]
                _ = try await TestClient(makeApp(store: store)).get("/count", headers: cookie)
                return session.id
            }
        }
        let client = try TestClient(app)
        _ = try await client.get("/count")
        _ = try await client.get("/slow")
        #expect(try await client.get("/count").text == "3")
    }
}
