import Carafe
import CarafeTesting
import CarafeWebSocket
import NIOCore
import Synchronization
import Testing

@Suite("TestWebSocket", .timeLimit(.minutes(10)))
struct TestWebSocketTests {
    private func client() throws -> TestClient {
        var app = App()
        app.get("/login") { _ in
            var response = Response(.noContent)
            try response.setCookie(Cookie("user", "ada"))
            return response
        }
        app.webSocket("/echo") { socket in
            for try await message in socket { try await socket.send(message) }
        }
        app.webSocket("/who") { socket in
            guard let user = socket.request.cookie("user") else { try abort(.unauthorized, "Who are you?") }
            try await socket.send(user)
            _ = try await socket.receive()
        }
        return try TestClient(app)
    }

    @Test("messages go and come")
    func messages() async throws {
        let length = try await client().webSocket("/echo") { socket in
            try await socket.send("text")
            #expect(try await socket.receiveText() == "text")
            try await socket.send(.binary([1, 2, 3]))
            return try await socket.receive()?.bytes.readableBytes
        }
        #expect(length == 3)
    }

    @Test("the handshake carries the client's cookies, and a refusal is an error with the answer")
    func handshake() async throws {
        let client = try client()
        let refusal = await #expect(throws: TestHandshakeError.self) { try await client.webSocket("/who") { _ in } }
        #expect(refusal?.response.status == .unauthorized)
        #expect(refusal?.response.text == "Who are you?")
        _ = try await client.get("/login")
        try await client.webSocket("/who") { socket in
            #expect(socket.handshake.status == .switchingProtocols)
            let user = try await socket.receiveText()
            #expect(user == "ada")
        }
        await #expect(throws: TestHandshakeError.self) { try await client.webSocket("/login") { _ in } }
    }

    @Test("leaving the closure closes, also when it throws")
    func leaving() async throws {
        struct Broken: Error {}
        let client = try client()
        let opened = Mutex<[TestWebSocket]>([])
        try await client.webSocket("/echo") { socket in opened.withLock { $0.append(socket) } }
        await #expect(throws: Broken.self) {
            try await client.webSocket("/echo") { socket in
                opened.withLock { $0.append(socket) }
                throw Broken()
            }
        }
        #expect(opened.withLock { $0.map(\.isOpen) } == [false, false])
    }

    @Test("raw bytes and frames show what bad ones lead to")
    func rawBytes() async throws {
        let socket = try await client().openWebSocket("/echo")
        try await socket.send(bytes: ByteBuffer(bytes: [0xFF, 0xFF]))
        guard case .close(let code, _) = try await socket.nextEvent() else {
            Issue.record("expected a close frame")
            return
        }
        #expect(code == .protocolError)
        #expect(try await socket.receive() == nil)
    }

    @Test("receive answers pings on the way, nextEvent shows them")
    func pings() async throws {
        let client = try client()
        let socket = try await client.openWebSocket("/echo")
        await client.advanceTime(by: .seconds(20))
        #expect(try await socket.nextEvent() == .ping(ByteBuffer()))
        await client.advanceTime(by: .seconds(19))
        try await socket.send("still here")
        await client.advanceTime(by: .seconds(1))
        #expect(try await socket.receiveText() == "still here")
        #expect(socket.isOpen)
    }

    @Test("what has not come yet is not waited for")
    func pending() async throws {
        let socket = try await client().openWebSocket("/echo")
        #expect(try await socket.pendingEvents().isEmpty)
        try await socket.send("a")
        try await socket.send("b")
        #expect(try await socket.pendingEvents() == [.message(.text("a")), .message(.text("b"))])
    }

    @Test("several sockets of one client live side by side")
    func several() async throws {
        let client = try client()
        try await client.webSocket("/echo") { first in
            try await client.webSocket("/echo") { second in
                try await first.send("first")
                try await second.send("second")
                let texts = [try await first.receiveText(), try await second.receiveText()]
                #expect(texts == ["first", "second"])
            }
        }
    }
}
