import Carafe
import CarafeTesting
import CarafeWebSocket
import Foundation
import NIOCore
import TestSupport
import Testing

@Suite("WebSocketRoute", .timeLimit(.minutes(10)))
struct WebSocketRouteTests {
    private func app(options: WebSocketOptions = WebSocketOptions()) -> App {
        var app = App()
        app.get("/both") { _ in "page" }
        app.get("/plain") { _ in "plain" }
        app.webSocket("/both", options: options) { socket in
            for try await message in socket { try await socket.send(message) }
        }
        app.webSocket("/ws", options: options) { socket in
            for try await message in socket { try await socket.send(message) }
        }
        app.webSocket("/refuse/<int:status>") { (socket, status: Int) in
            try abort(HTTPResponse.Status(code: status), "No entry.")
        }
        return app
    }

    @Test("GET and WebSocket live on one path")
    func onePath() async throws {
        let client = try TestClient(app())
        #expect(try await client.get("/both").text == "page")
        try await client.webSocket("/both") { socket in
            try await socket.send("hello")
            #expect(try await socket.receiveText() == "hello")
        }
        #expect(try await client.head("/both").status == .ok)
    }

    @Test("a handler refuses with an ordinary answer before the upgrade", arguments: [401, 403, 409])
    func refuses(status: Int) async throws {
        let client = try TestClient(app())
        let refusal = await #expect(throws: TestHandshakeError.self) {
            try await client.webSocket("/refuse/\(status)") { _ in }
        }
        #expect(refusal?.response.status.code == status)
        #expect(refusal?.response.text == "No entry.")
    }

    @Test("RFC 9110 §15.5.22: a plain GET of a WebSocket's path is 426, and names the protocol")
    func plainGet() async throws {
        let client = try TestClient(app())
        let response = try await client.get("/ws")
        #expect(response.status == .upgradeRequired)
        #expect(response.headers[.upgrade] == "websocket")
        #expect(try await client.post("/ws").status == .methodNotAllowed)
    }

    @Test(
        "RFC 9110 §7.8: of the protocols that a client lists, the first that the route knows is taken",
        arguments: [
            ("/ws", "Upgrade: websocket, foo", 101), ("/ws", "Upgrade: h2c, WebSocket", 101),
            ("/ws", "Upgrade: h2c\r\nupgrade: websocket", 101), ("/both", "Upgrade: foo/1,,websocket ,", 101),
            ("/both", "Upgrade: foo", 200), ("/plain", "Upgrade: websocket", 200),
            ("/both", "Upgrade: websocket/13", 200),
            ("/ws", "Upgrade: h2c", 426), ("/ws", "Upgrade: xwebsocket", 426),
        ])
    func upgradeLists(path: String, upgrade: String, status: Int) async throws {
        try await withServer(app()) { url in
            let client = try await SocketClient.connect(port: url.port ?? 0)
            try await client.send(
                "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n\(upgrade)\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            #expect(await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 \(status) "))
            try await client.close()
        }
    }

    @Test(
        "RFC 6455 §4.2.1: a field of the handshake that breaks its grammar is 400",
        arguments: [
            "Sec-WebSocket-Protocol:", "Sec-WebSocket-Protocol: a b", "Sec-WebSocket-Protocol: é",
            "Sec-WebSocket-Extensions:", "Sec-WebSocket-Extensions: a b", "Sec-WebSocket-Extensions: é",
        ])
    func grammar(field: String) async throws {
        var options = WebSocketOptions()
        for compression in [DeflateOptions(), nil] {
            options.compression = compression
            try await withServer(app(options: options)) { url in
                let client = try await SocketClient.connect(port: url.port ?? 0)
                try await client.send(
                    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\(field)\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                #expect(await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
                try await client.close()
            }
        }
    }

    @Test("RFC 9110 §7.8: another method than GET that offers an upgrade is answered as if it did not")
    func upgradeOfAPost() async throws {
        var app = app()
        app.post("/both") { _ in "posted" }
        try await withServer(app) { url in
            let client = try await SocketClient.connect(port: url.port ?? 0)
            for (path, status) in [("/both", 200), ("/ws", 405)] {
                try await client.send(
                    "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Content-Length: 0\r\n\r\n")
                #expect(await client.receiveResponse().head.hasPrefix("HTTP/1.1 \(status) "))
            }
            try await client.close()
        }
    }

    @Test("the origin must be the host's, unless the route says otherwise")
    func origins() async throws {
        let client = try TestClient(app())
        try await client.webSocket("/ws", headers: [.origin: "http://localhost"]) { #expect($0.isOpen) }
        try await client.webSocket("/ws") { #expect($0.isOpen, "a client that is no browser sends no origin") }
        for origin in ["http://evil.example", "null", "http://localhost:81", "http://localhost.evil.example"] {
            let refusal = await #expect(throws: TestHandshakeError.self) {
                try await client.webSocket("/ws", headers: [.origin: origin]) { _ in }
            }
            #expect(refusal?.response.status == .forbidden)
        }
        var options = WebSocketOptions()
        options.origins = .list(["https://friend.example"])
        let listed = try TestClient(app(options: options))
        try await listed.webSocket("/ws", headers: [.origin: "https://friend.example"]) { #expect($0.isOpen) }
        await #expect(throws: TestHandshakeError.self) {
            try await listed.webSocket("/ws", headers: [.origin: "http://localhost"]) { _ in }
        }
        options.origins = .any
        try await TestClient(app(options: options)).webSocket("/ws", headers: [.origin: "http://evil.example"]) {
            #expect($0.isOpen)
        }
    }

    @Test("RFC 6455 §1.9: the server's favourite of the offered subprotocols is chosen")
    func subprotocols() async throws {
        var options = WebSocketOptions()
        options.subprotocols = ["chat.v2", "chat.v1"]
        var app = App()
        app.webSocket("/ws", options: options) { socket in try await socket.send(socket.subprotocol ?? "none") }
        let client = try TestClient(app)
        for (offer, choice) in [(["chat.v1", "chat.v2"], "chat.v2"), (["chat.v1"], "chat.v1")] {
            try await client.webSocket("/ws", subprotocols: offer) { socket async throws in
                #expect(socket.handshake.headers[.secWebSocketProtocol] == choice)
                #expect(try await socket.receiveText() == choice)
            }
        }
        for offer in [["other"], []] {
            try await client.webSocket("/ws", subprotocols: offer) { socket async throws in
                #expect(socket.handshake.headers[.secWebSocketProtocol] == nil)
                #expect(try await socket.receiveText() == "none")
            }
        }
    }

    @Test("a mismatch between pattern and closure is found when the app is built")
    func mismatch() {
        var app = App()
        app.webSocket("/ws/<name>") { (_, number: Int) in _ = number }
        #expect(throws: (any Error).self) { try app.makeHandler() }
    }

    // MARK: Over a real port

    @Test("a bad handshake is refused, and the connection goes on")
    func badHandshakes() async throws {
        try await withServer(app()) { url in
            let client = try await SocketClient.connect(port: url.port ?? 0)
            let good = FrameClient.handshake("/ws")
            let key = try #require(good.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key") })
            let requests = [
                (good.replacing(key + "\r\n", with: ""), 400),
                (good.replacing(key, with: "Sec-WebSocket-Key: dG9vIHNob3J0"), 400),
                (good.replacing("Version: 13", with: "Version: 8"), 426),
                (good.replacing("Sec-WebSocket-Version: 13\r\n", with: ""), 426),
                (good.replacing("Upgrade: websocket", with: "Upgrade: other"), 426),
                (good.replacing("GET /ws", with: "GET /refuse/409"), 409),
                (FrameClient.handshake("/ws", fields: [("Origin", "http://evil.example")]), 403),
                (good.replacing("GET /ws", with: "GET /missing"), 404),
            ]
            for (request, status) in requests {
                try await client.send(request)
                let head = await client.receiveResponse().head
                #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(request)")
                #expect(status != 426 || head.lowercased().contains("upgrade: websocket"))
            }
            try await client.send("GET /plain HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await client.receiveResponse().body == "plain")
            try await client.close()
        }
    }

    @Test("RFC 6455 §4.4: a version that is not spoken is told the one that is")
    func version() async throws {
        try await withServer(app()) { url in
            let client = try await SocketClient.connect(port: url.port ?? 0)
            try await client.send(FrameClient.handshake("/ws").replacing("Version: 13", with: "Version: 8"))
            #expect(await client.receiveResponse().head.lowercased().contains("sec-websocket-version: 13"))
            try await client.close()
        }
    }

    @Test("frames that come in the same packet as the handshake are not lost")
    func earlyBytes() async throws {
        try await withServer(app()) { url in
            let early: [Frame] = [.message(.text("early")), .message(.text("bird"))]
            let client = try await FrameClient.open(port: url.port ?? 0, "/ws", early: early)
            #expect(await client.receiveText() == "early")
            #expect(await client.receiveText() == "bird")
            try await client.send("late")
            #expect(await client.receiveText() == "late")
            try await client.close()
        }
    }

    @Test("frames that come while the handler still thinks about the handshake are not lost")
    func earlyBytesBeforeAccept() async throws {
        let gate = Gate()
        let started = Gate()
        var app = App()
        app.webSocket("/ws") { socket in
            started.open()
            await gate.wait()
            for try await message in socket { try await socket.send(message) }
        }
        try await withServer(app) { url in
            let client = try await SocketClient.connect(port: url.port ?? 0)
            try await client.send(FrameClient.handshake("/ws"))
            await started.wait()
            try await client.send(FrameEncoder.encode([.message(.text("impatient"))], role: .client))
            gate.open()
            #expect(await client.receive(until: "impatient").hasPrefix("HTTP/1.1 101 "))
            try await client.close()
        }
    }

    @Test("a client that leaves before its handshake is answered cancels the handler")
    func leavesBeforeAnswer() async throws {
        let started = Gate()
        let cancelled = Gate()
        var app = App()
        app.webSocket("/ws") { _ in
            started.open()
            await Gate().wait()
            if Task.isCancelled { cancelled.open() }
        }
        try await withServer(app) { url in
            let client = try await SocketClient.connect(port: url.port ?? 0)
            try await client.send(FrameClient.handshake("/ws"))
            await started.wait()
            try await client.close()
            await cancelled.wait()
        }
    }

    @Test("a stopping server closes its WebSockets with 1001")
    func serverStops() async throws {
        let closing = try await withServer(app()) { url in
            let port = url.port ?? 0
            let isOpen = Gate()
            let closing = Task {
                defer { isOpen.open() }
                let client = try await FrameClient.open(port: port, "/ws")
                try await client.send("hello")
                #expect(await client.receiveText() == "hello")
                isOpen.open()
                let code = await client.closeCode()
                try await client.send([.close(code)])
                try await client.socket.close()
                return code
            }
            await isOpen.wait()
            return closing
        }
        #expect(try await closing.value == .goingAway)
    }
}
