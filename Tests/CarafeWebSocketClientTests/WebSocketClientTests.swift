import Carafe
import CarafeTesting
import CarafeWebSocket
import CarafeWebSocketClient
import FoundationEssentials
import HTTPTypes
import NIOCore
import NIOPosix
import TestSupport
import Testing

@Suite("WebSocketClient", .timeLimit(.minutes(10)))
struct WebSocketClientTests {
    /// Serves a WebSocket at /ws while `body` runs with its URL.
    private func serve(
        options: WebSocketOptions = WebSocketOptions(),
        _ handler: @escaping @Sendable (WebSocket) async throws -> Void = { socket in
            for try await message in socket { try await socket.send(message) }
        },
        _ body: (String) async throws -> Void
    ) async throws {
        var app = App()
        app.webSocket("/ws", options: options, handler)
        try await withServer(app) { url in
            try await body("ws://127.0.0.1:\(url.port ?? 0)/ws")
        }
    }

    private static let messages: [Message] = [
        .text("Grüße, 世界 👋"), .binary([0, 255, 128]), .text(""), .binary([]),
        .text(String(repeating: "compress me, ", count: 10_000)),
        .binary((0..<200_000).map { UInt8(truncatingIfNeeded: $0) }),
    ]

    @Test("messages come back as they were, with and without compression, with and without context", arguments: 0...2)
    func echoes(kind: Int) async throws {
        let takeover = DeflateOptions(serverNoContextTakeover: false, clientNoContextTakeover: false)
        var server = WebSocketOptions()
        server.compression = [nil, DeflateOptions(), takeover][kind]
        var client = WebSocketClientOptions()
        client.compression = [nil, DeflateOptions(), takeover][kind]
        try await serve(options: server) { url in
            try await WebSocketClient.connect(url, options: client) { socket in
                for _ in 1...3 {
                    for message in Self.messages {
                        try await socket.send(message)
                        #expect(try await socket.receive() == message)
                    }
                }
            }
        }
    }

    /// The loopback's both addresses, the one that nobody listens at first.
    private struct BothAddresses: Resolver {
        let eventLoop: any EventLoop

        func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            eventLoop.makeCompletedFuture { [try SocketAddress(ipAddress: "::1", port: port)] }
        }

        func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            eventLoop.makeCompletedFuture { [try SocketAddress(ipAddress: "127.0.0.1", port: port)] }
        }

        func cancelQueries() {}
    }

    @Test("RFC 8305: a name of several addresses is tried at each of them")
    func severalAddresses() async throws {
        var options = WebSocketClientOptions()
        options.resolver = BothAddresses(eventLoop: options.eventLoopGroup.next())
        let client = options
        try await serve { url in
            try await WebSocketClient.connect(url.replacing("127.0.0.1", with: "server.test"), options: client) {
                socket in
                try await socket.send("hello")
                #expect(try await socket.receive() == .text("hello"))
            }
        }
    }

    @Test("many messages keep their order")
    func order() async throws {
        try await serve { url in
            try await WebSocketClient.connect(url) { socket in
                async let sending: Void = {
                    for number in 1...2000 { try await socket.send("\(number)") }
                }()
                var next = 1
                for try await message in socket {
                    #expect(message.text == "\(next)")
                    next += 1
                    if next > 2000 { break }
                }
                try await sending
            }
        }
    }

    /// The end that the server sees when a client does this.
    private func closeCode(after leave: (String) async throws -> Void) async throws -> CloseCode? {
        let (codes, found) = AsyncStream.makeStream(of: CloseCode.self)
        try await serve { socket in
            try await socket.accept()
            while try await socket.receive() != nil {}
            do { try await socket.send("too late") } catch let closed as WebSocketClosedError {
                found.yield(closed.code)
            }
            found.finish()
        } _: { url in
            try await leave(url)
        }
        for await code in codes { return code }
        return nil
    }

    @Test("leaving the closure closes with 1000, throwing with 1011, forgetting with 1001")
    func closes() async throws {
        struct Broken: Error {}
        let afterLeaving = try await closeCode { url in try await WebSocketClient.connect(url) { _ in } }
        #expect(afterLeaving == .normalClosure)
        let afterThrow = try await closeCode { url in
            await #expect(throws: Broken.self) {
                try await WebSocketClient.connect(url) { _ in throw Broken() }
            }
        }
        #expect(afterThrow == .internalError)
        let afterForgetting = try await closeCode { url in _ = try await WebSocketClient.open(url) }
        #expect(afterForgetting == .goingAway)
    }

    @Test("the server's close ends the messages, and is told by `closed`")
    func serverCloses() async throws {
        try await serve { socket in
            try await socket.send("bye")
            try await socket.close(CloseCode(rawValue: 4001), reason: "enough")
        } _: { url in
            let socket = try await WebSocketClient.open(url)
            #expect(try await socket.receive() == .text("bye"))
            #expect(try await socket.receive() == nil)
            #expect(socket.closed == WebSocketClosedError(code: CloseCode(rawValue: 4001), reason: "enough"))
            await #expect(throws: WebSocketClosedError.self) { try await socket.send("too late") }
            await socket.close()
        }
    }

    @Test("a refusal is an error with the status")
    func refused() async throws {
        try await serve { _ in
            try abort(.forbidden)
        } _: { url in
            let error = await #expect(throws: WebSocketClientError.self) { try await WebSocketClient.open(url) }
            guard case .refused(403, _) = error else {
                Issue.record("expected 403, found \(String(describing: error))")
                return
            }
        }
    }

    @Test("subprotocol and own fields reach the server")
    func handshake() async throws {
        var server = WebSocketOptions()
        server.subprotocols = ["chat.v2", "chat.v1"]
        server.origins = .any
        try await serve(options: server) { socket in
            try await socket.send(socket.request.headers[.authorization] ?? "nobody")
        } _: { url in
            var options = WebSocketClientOptions()
            options.subprotocols = ["chat.v1", "chat.v2"]
            options.headers[.authorization] = "Bearer abc"
            options.headers[.origin] = "https://elsewhere.example"
            try await WebSocketClient.connect(url, options: options) { socket async throws in
                #expect(socket.subprotocol == "chat.v2")
                #expect(try await socket.receive() == .text("Bearer abc"))
            }
        }
    }

    @Test("the client's own limits: 1009 for a message that is too long")
    func limit() async throws {
        try await serve { url in
            var options = WebSocketClientOptions()
            options.messageLimit = 1000
            let socket = try await WebSocketClient.open(url, options: options)
            try await socket.send(.binary(repeatElement(0, count: 1001)))
            #expect(try await socket.receive() == nil)
            #expect(socket.closed?.code == .messageTooBig)
            await socket.close()
        }
    }

    @Test("a wait for a message ends when its task is cancelled, and the socket goes on")
    func cancelledReceive() async throws {
        try await serve { url in
            try await WebSocketClient.connect(url) { socket in
                let waiting = Task { try await socket.receive() }
                waiting.cancel()
                await #expect(throws: CancellationError.self) { try await waiting.value }
                try await socket.send("still here")
                #expect(try await socket.receive() == .text("still here"))
            }
        }
    }

    @Test("nobody listens there; the name is unknown; the text is not a URL")
    func cannotConnect() async throws {
        let closed = try ClosedPort()
        let error = await #expect(throws: WebSocketClientError.self) {
            try await WebSocketClient.open("ws://127.0.0.1:\(closed.number)/")
        }
        guard case .cannotConnect = error else {
            Issue.record("expected cannotConnect, found \(String(describing: error))")
            return
        }
        await #expect(throws: WebSocketClientError.self) {
            try await WebSocketClient.open("ws://no-such-host.invalid/")
        }
        await #expect(throws: WebSocketClientError.self) { try await WebSocketClient.open("http://127.0.0.1/") }
    }
}
