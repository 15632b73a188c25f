import CarafeApp
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

    func save(_ id: String, _ bytes: ByteBuffer, for time: TimeAmount) async throws {
        try await reach()
        sessions.save(id, bytes, for: time)
    }

    func remove(_ id: String) async throws {
        try await reach()
        sessions.remove(id)
    }
}

@Suite("SessionStore", .timeLimit(.minutes(1)))
struct SessionStoreTests {
    private func makeApp(store: any SessionStore, _ more: (inout App) -> Void = { _ in }) throws -> App {
        var app = App(bare: ())
        try app.install(Sessions(secret: "0123456789abcdef0123456789abcdef", store: store))
        app.get("/count") { request in
            let session = try request.session
            session["count", default: 0] += 1
            return "\(session["count", default: 0])"
        }
        app.get("/look") { request in
            let name: String? = try request.session["name"]
            return name ?? "nobody"
        }
        app.get("/login/<name>") { (request, name: String) in
            let session = try request.session
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

    @Test("what could not be kept on a socket is kept by the next try")
    func triesAgain() async throws {
        let store = FrailStore()
        let app = try makeApp(store: store) { app in
            app.webSocket("/socket") { socket in
                let session = try socket.request.session
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
                let session = try request.session
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
                let value: String? = try request.session[name]
                return value ?? "none"
            }
            app.get("/flashes") { request in try request.session.takeFlashes() }
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
                let session = try request.session
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
