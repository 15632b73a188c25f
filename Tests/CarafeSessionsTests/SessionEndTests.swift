import CarafeApp
import CarafeEventStream
import CarafeRooms
import CarafeTesting
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import CarafeSessions

@Suite("The end of a session", .timeLimit(.minutes(10)))
struct SessionEndTests {
    private let never = Gate()
    private let room = Room<Message>(history: RoomHistory(countLimit: 10), presence: PresenceOptions())

    private func makeApp(inStore: Bool) throws -> App { try makeApp(inStore ? MemorySessionStore() : nil) }

    private func makeApp(_ store: (any SessionStore)?) throws -> App {
        var app = App(bare: ())
        try app.install(Sessions(secret: "0123456789abcdef0123456789abcdef", store: store))
        app.get("/login") { request in
            let session = try await request.session
            session["user"] = "ann"
            return "in"
        }
        app.get("/renew") { request in
            try await request.session.renew()
            return "renewed"
        }
        app.get("/logout") { request in
            try await request.session.clear()
            return "out"
        }
        app.get("/exchange") { request in
            let session = try await request.session
            session.clear()
            session["user"] = "bo"
            return "another"
        }
        app.webSocket("/own") { socket in
            guard try await socket.request.session.contains("user") else { throw HTTPError(.unauthorized) }
            for try await message in socket { try await socket.send(message) }
        }
        app.get("/own-events") { request in
            let session = try await request.session
            return EventStream { [never] events in
                try await events.send(session["user", default: "nobody"])
                await never.wait()
            }
        }
        let permit: RoomAuthorizer<Message> = { access in
            let user: String? = try await access.request.session["user"]
            guard let user else { throw HTTPError(.unauthorized) }
            access.name = user
        }
        app.room("/room", permit: permit) { [room] _ in room }
        return app
    }

    /// Reads up to the close frame.
    private func closeCode(of socket: TestWebSocket) async throws -> CloseCode? {
        while let event = try await socket.nextEvent() {
            if case .close(let code, _) = event { return code }
        }
        return nil
    }

    @Test("it ends sockets and streams that were opened in it, and nobody else's", arguments: [true, false])
    func endsAll(inStore: Bool) async throws {
        let app = try makeApp(inStore: inStore)
        let client = try TestClient(app)
        _ = try await client.get("/login")
        let other = TestClient(beside: client)
        _ = try await other.get("/login")

        let own = try await client.openWebSocket("/own")
        let member = try await client.openWebSocket("/room")
        let stranger = try await other.openWebSocket("/own")
        try await client.stream("/own-events") { events async throws in
            #expect(try await events.nextText()?.contains("data: ann") == true)
            try await client.stream("/room", headers: [.accept: "text/event-stream"]) { entries async throws in
                #expect(try await entries.nextText()?.hasPrefix("id: ") == true)
                try await client.stream("/room?stream=iframe") { scripts async throws in
                    _ = try await scripts.nextText()
                    #expect(try await room.names == ["ann"])
                    #expect(try await client.get("/logout").text == "out")
                    await client.advanceTime(by: .zero)
                    while try await scripts.nextText() != nil {}
                }
                while try await entries.nextText() != nil {}
            }
            while try await events.nextText() != nil {}
        }
        #expect(try await closeCode(of: own) == .policyViolation)
        #expect(try await closeCode(of: member) == .policyViolation)
        try await stranger.send("still here")
        #expect(try await stranger.receiveText() == "still here")
        #expect(try await client.get("/room").status == .unauthorized)
    }

    @Test("a poll that waits ends with it", arguments: [true, false])
    func endsPolls(inStore: Bool) async throws {
        let client = try TestClient(makeApp(inStore: inStore))
        _ = try await client.get("/login")
        async let poll = client.get("/room?wait=25")
        while try await !room.contains(memberNamed: "ann") { await client.advanceTime(by: .zero) }
        _ = try await client.get("/logout")
        await client.advanceTime(by: .zero)
        #expect(try await poll.status == .noContent)
    }

    @Test(
        "under a new id it goes on, and its end still ends what was opened before", arguments: ["/logout", "/exchange"])
    func renewed(end: String) async throws {
        let client = try TestClient(makeApp(inStore: true))
        _ = try await client.get("/login")
        let socket = try await client.openWebSocket("/own")
        _ = try await client.get("/renew")
        try await socket.send("still here")
        #expect(try await socket.receiveText() == "still here")
        _ = try await client.get(end)
        await client.advanceTime(by: .zero)
        #expect(try await closeCode(of: socket) == .policyViolation)
    }

    @Test("a logout in another process ends them within 5 seconds, and sessions that were never saved never end")
    func otherProcess() async throws {
        let store = MemorySessionStore()
        let (first, second) = (try TestClient(makeApp(store)), try TestClient(makeApp(store)))
        let cookie = try #require(try await first.get("/login").headers[.setCookie]?.prefix { $0 != ";" })
        let headers: HTTPFields = [.cookie: String(cookie)]
        let socket = try await second.openWebSocket("/own", headers: headers)
        var app = try makeApp(store)
        app.webSocket("/anybody") { socket in
            _ = try await socket.request.session
            for try await message in socket { try await socket.send(message) }
        }
        let third = try TestClient(app)
        let anybody = try await third.openWebSocket("/anybody")
        await second.advanceTime(by: .seconds(6))
        try await socket.send("still here")
        #expect(try await socket.receiveText() == "still here")
        _ = try await first.get("/logout")
        await second.advanceTime(by: .seconds(5))
        #expect(try await closeCode(of: socket) == .policyViolation)
        await third.advanceTime(by: .seconds(15))
        try await anybody.send("still here")
        #expect(try await anybody.receiveText() == "still here")
    }

    @Test("a socket whose session ends while it is let in is closed, and one without a session never is")
    func endsMeanwhile() async throws {
        let (asked, go) = (Gate(), Gate())
        var app = try makeApp(inStore: true)
        app.webSocket("/slow") { socket in
            _ = try await socket.request.session
            asked.open()
            await go.wait()
            try await socket.send("open")
            while try await socket.receive() != nil {}
        }
        app.webSocket("/free") { socket in for try await message in socket { try await socket.send(message) } }
        let client = try TestClient(app)
        _ = try await client.get("/login")
        let free = try await client.openWebSocket("/free")
        async let opening = client.openWebSocket("/slow")
        await asked.wait()
        _ = try await client.get("/logout")
        await client.advanceTime(by: .zero)
        go.open()
        let socket = try await opening
        #expect(try await closeCode(of: socket) == .policyViolation)
        try await free.send("still here")
        #expect(try await free.receiveText() == "still here")
    }

    @Test("a store that fails at a logout ends nothing")
    func failedLogout() async throws {
        struct Away: Error {}
        final class Store: SessionStore {
            private let sessions = MemorySessionStore()
            func load(_ id: String) -> ByteBuffer? { sessions.load(id) }
            func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) { sessions.save(id, bytes, for: time) }
            func remove(_ id: String) throws { throw Away() }
        }
        let sessions = try Sessions(secret: "0123456789abcdef0123456789abcdef", store: Store())
        var app = App(bare: ())
        try app.install(sessions)
        app.get("/login") { request in
            try await request.session["user"] = "ann"
            return "in"
        }
        app.get("/logout") { request in
            try await request.session.clear()
            return "out"
        }
        app.webSocket("/own") { socket in
            _ = try await socket.request.session
            for try await message in socket { try await socket.send(message) }
        }
        let client = try TestClient(app)
        _ = try await client.get("/login")
        try await client.webSocket("/own") { socket async throws in
            #expect(try await client.get("/logout").status == .internalServerError)
            try await socket.send("still here")
            #expect(try await socket.receiveText() == "still here")
        }
        #expect(sessions.openSessions.count == 0, "nothing is kept of requests that are over")
    }
}
