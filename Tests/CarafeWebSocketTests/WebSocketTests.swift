import Carafe
import CarafeTesting
import CarafeWebSocket
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("WebSocket", .timeLimit(.minutes(10)))
struct WebSocketTests {
    /// An app with one WebSocket at /ws.
    private func client(
        options: WebSocketOptions = WebSocketOptions(),
        _ handler: @escaping @Sendable (WebSocket) async throws -> Void
    ) throws -> TestClient {
        var app = App()
        app.webSocket("/ws", options: options, handler)
        return try TestClient(app)
    }

    private let echo: @Sendable (WebSocket) async throws -> Void = { socket in
        for try await message in socket { try await socket.send(message) }
    }

    @Test("text and binary come back as they were")
    func echoes() async throws {
        let client = try client(echo)
        try await client.webSocket("/ws") { socket in
            for message in [Message.text("Grüße, 世界 👋"), .binary([0, 255, 128]), .text(""), .binary([])] {
                try await socket.send(message)
                #expect(try await socket.receive() == message)
            }
        }
    }

    @Test("messages keep their order, in one read or in many")
    func order() async throws {
        let client = try client(echo)
        try await client.webSocket("/ws") { socket in
            try await socket.send((1...200).map { .message(.text("\($0)")) })
            for number in 1...200 { #expect(try await socket.receiveText() == "\(number)") }
            for number in 1...20 { try await socket.send("\(number)") }
            for number in 1...20 { #expect(try await socket.receiveText() == "\(number)") }
        }
    }

    @Test("the handler may speak first")
    func speaksFirst() async throws {
        let client = try client { socket in
            try await socket.send("welcome")
            _ = try await socket.receive()
        }
        try await client.webSocket("/ws") { socket async throws in
            #expect(try await socket.receiveText() == "welcome")
        }
    }

    @Test("a task elsewhere may send and receive")
    func otherTasks() async throws {
        let client = try client { socket in
            let message = try await Task.detached { try await socket.receive() }.value
            try await Task.detached { try await socket.send(message ?? .text("nothing")) }.value
            _ = try await socket.receive()
        }
        try await client.webSocket("/ws") { socket in
            try await socket.send("hello")
            #expect(try await socket.receiveText() == "hello")
        }
    }

    @Test("leaving the closure closes with 1000")
    func leaving() async throws {
        let client = try client { socket in try await socket.send("bye") }
        let socket = try await client.openWebSocket("/ws")
        #expect(try await socket.receiveText() == "bye")
        #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: ""))
    }

    @Test("leaving the closure without a word accepts, and closes with 1000")
    func leavingAtOnce() async throws {
        let client = try client { _ in }
        let socket = try await client.openWebSocket("/ws")
        #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: ""))
    }

    @Test("throwing closes with 1011, and tells nothing of the error")
    func throwing() async throws {
        struct Secret: Error {}
        let client = try client { socket in
            _ = try await socket.receive()
            throw Secret()
        }
        let socket = try await client.openWebSocket("/ws")
        try await socket.send("go")
        #expect(try await socket.nextEvent() == .close(code: .internalError, reason: ""))
    }

    @Test("a stopping server closes with 1001, and the handler's loop ends")
    func serverStops() async throws {
        let ended = Gate()
        let client = try client { socket in
            for try await _ in socket {}
            ended.open()
        }
        let socket = try await client.openWebSocket("/ws")
        try await socket.stopServer()
        guard case .close(let code, _) = try await socket.nextEvent() else {
            Issue.record("expected a close frame")
            return
        }
        #expect(code == .goingAway)
        await ended.wait()
    }

    @Test("receive answers nil when the peer has closed, again and again")
    func receiveAfterEnd() async throws {
        let results = Mutex<[Message?]>([])
        let ended = Gate()
        let client = try client { socket in
            for _ in 1...3 {
                let message = try await socket.receive()
                results.withLock { $0.append(message) }
            }
            ended.open()
        }
        try await client.webSocket("/ws") { try await $0.send("one") }
        await ended.wait()
        #expect(results.withLock { $0 } == [.text("one"), nil, nil])
    }

    @Test("what came before the close is received after it")
    func whatCameBeforeClose() async throws {
        let gate = Gate()
        let ended = Gate()
        let texts = Mutex<[String]>([])
        let client = try client { socket in
            try await socket.accept()
            await gate.wait()
            for try await message in socket { texts.withLock { $0.append(message.text ?? "") } }
            ended.open()
        }
        let socket = try await client.openWebSocket("/ws")
        try await socket.send([.message(.text("a")), .message(.text("b")), .close(.normalClosure)])
        gate.open()
        await ended.wait()
        #expect(texts.withLock { $0 } == ["a", "b"])
    }

    @Test("sending to a closed peer throws WebSocketClosedError with the peer's code")
    func sendAfterClose() async throws {
        let thrown = Mutex<(any Error)?>(nil)
        let ended = Gate()
        let client = try client { socket in
            while try await socket.receive() != nil {}
            do { try await socket.send("too late") } catch { thrown.withLock { $0 = error } }
            ended.open()
        }
        let socket = try await client.openWebSocket("/ws")
        try await socket.send([.close(CloseCode(rawValue: 4321))])
        await ended.wait()
        #expect(thrown.withLock { $0 as? WebSocketClosedError }?.code == CloseCode(rawValue: 4321))
    }

    @Test("RFC 6455 §7.1.5: sending to a vanished peer throws WebSocketClosedError with 1006")
    func sendAfterVanish() async throws {
        let thrown = Mutex<(any Error)?>(nil)
        let ended = Gate()
        let client = try client { socket in
            while try await socket.receive() != nil {}
            do { try await socket.send("too late") } catch { thrown.withLock { $0 = error } }
            ended.open()
        }
        let socket = try await client.openWebSocket("/ws")
        await socket.dropConnection()
        await ended.wait()
        #expect(thrown.withLock { $0 as? WebSocketClosedError }?.code == .abnormalClosure)
    }

    @Test("a handler that is elsewhere when its peer vanishes is cancelled")
    func cancelled() async throws {
        let ended = Gate()
        let client = try client { socket in
            try await socket.accept()
            await Gate().wait()
            if Task.isCancelled { ended.open() }
        }
        let socket = try await client.openWebSocket("/ws")
        await socket.dropConnection()
        await ended.wait()
        #expect(!socket.isOpen)
    }

    @Test("the handler closes with a code and a reason of its own, and receives nil from then on")
    func ownClose() async throws {
        let last = Mutex<Message?>(.text("not yet"))
        let ended = Gate()
        let client = try client { socket in
            try await socket.send("first")
            try await socket.close(.policyViolation, reason: "house rules")
            let message = try await socket.receive()
            last.withLock { $0 = message }
            ended.open()
        }
        let socket = try await client.openWebSocket("/ws")
        #expect(try await socket.receiveText() == "first")
        #expect(try await socket.nextEvent() == .close(code: .policyViolation, reason: "house rules"))
        await ended.wait()
        #expect(last.withLock { $0 } == nil)
    }

    @Test("the handshake's request is at hand, with what a hook left in it")
    func request() async throws {
        struct User: Sendable, Equatable { var name: String }
        var app = App()
        app.before { request in request.values[User.self] = User(name: request.cookie("user") ?? "-") }
        app.webSocket("/ws/<room>") { (socket, room: String) in
            let request = socket.request
            try await socket.send("\(room) \(request.path) \(request.query["q"] ?? "-")")
            try await socket.send(request.values[User.self]?.name ?? "nobody")
            try await socket.send(request.headers[.userAgent] ?? "-")
        }
        let client = try TestClient(app)
        let headers: HTTPFields = [.cookie: "user=ada", .userAgent: "test"]
        try await client.webSocket("/ws/den?q=1", headers: headers) { socket async throws in
            #expect(try await socket.receiveText() == "den /ws/den 1")
            #expect(try await socket.receiveText() == "ada")
            #expect(try await socket.receiveText() == "test")
        }
    }
}
