import Carafe
import CarafeTesting
import CarafeWebSocket
import CarafeWebSocketClient
import FoundationEssentials
import NIOCore
import TestSupport
import Testing

@Suite(
    "Python's websockets",
    .enabled(if: ForeignProgram.hasPython, "no Python environment: `.ci/setup peers` makes it"),
    .timeLimit(.minutes(10)))
struct ForeignPeerTests {
    /// Starts the foreign server, and calls `body` with its URL.
    private func serve(_ path: String, _ body: (String) async throws -> Void) async throws {
        let server = try ForeignProgram(python: "echo_server.py")
        try await body("ws://127.0.0.1:\(await server.firstLine())\(path)")
    }

    @Test(
        "our client to its server: messages come back as they were, with compression and without",
        arguments: [
            nil, DeflateOptions(),
            DeflateOptions(serverNoContextTakeover: false, clientNoContextTakeover: false),
            DeflateOptions(
                threshold: 0, serverNoContextTakeover: false, serverMaxWindowBits: 9, clientMaxWindowBits: 9),
        ])
    func echoes(compression: DeflateOptions?) async throws {
        var options = WebSocketClientOptions()
        options.compression = compression
        try await serve("/echo") { url in
            try await WebSocketClient.connect(url, options: options) { socket in
                let text = String(repeating: "compress me, 世界. ", count: 10_000)
                let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let messages: [Message] = [.text(""), .binary([]), .text("Grüße 👋"), .text(text), .binary(bytes)]
                for message in messages + messages {
                    try await socket.send(message)
                    #expect(try await socket.receive() == message)
                }
            }
        }
    }

    @Test("our client to its server: subprotocol, ping, close code")
    func handshakeAndControl() async throws {
        var options = WebSocketClientOptions()
        options.subprotocols = ["chat"]
        try await serve("/subprotocol") { url in
            try await WebSocketClient.connect(url, options: options) { socket async throws in
                #expect(socket.subprotocol == "chat")
                #expect(try await socket.receive() == .text("chat"))
            }
        }
        try await serve("/ping") { url in
            try await WebSocketClient.connect(url) { socket async throws in
                #expect(try await socket.receive() == .text("pong"))
            }
        }
        try await serve("/close") { url in
            let socket = try await WebSocketClient.open(url)
            #expect(try await socket.receive() == nil)
            #expect(socket.closed == WebSocketClosedError(code: CloseCode(rawValue: 4001), reason: "enough"))
            await socket.close()
        }
    }

    @Test("our client to its server: an ordinary answer is the error")
    func refused() async throws {
        try await serve("/nothing") { url in
            let error = await #expect(throws: WebSocketClientError.self) { try await WebSocketClient.open(url) }
            guard case .refused(404, _) = error else {
                Issue.record("expected 404, found \(String(describing: error))")
                return
            }
        }
    }

    @Test("its client to our server")
    func foreignClient() async throws {
        var app = App()
        app.webSocket("/echo") { socket in
            for try await message in socket { try await socket.send(message) }
        }
        try await withServer(app) { url in
            let client = try ForeignProgram(python: "echo_client.py", "ws://127.0.0.1:\(url.port ?? 0)/echo")
            #expect(await client.end() == 0)
        }
    }
}
