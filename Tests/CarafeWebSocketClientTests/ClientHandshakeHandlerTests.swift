import CarafeHTTP
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import HTTPTypes
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeWebSocketClient

@Suite("ClientHandshakeHandler", .timeLimit(.minutes(10)))
struct ClientHandshakeHandlerTests {
    private let channel = NIOAsyncTestingChannel()
    private let handshake = ClientHandshake(subprotocols: ["chat"], deflate: DeflateOffer())

    /// A client that has sent its request, and waits for the response.
    private func ask(
        _ configure: (inout WebSocketClientOptions) -> Void = { _ in }
    ) async throws -> EventLoopFuture<ClientHandshakeHandler.Opened> {
        var options = WebSocketClientOptions()
        configure(&options)
        let opening = channel.testingEventLoop.makePromise(of: ClientHandshakeHandler.Opened.self)
        let handler = ClientHandshakeHandler(
            request: ByteBuffer(string: "question"), handshake: handshake, options: options,
            executor: EventLoopExecutor(eventLoop: channel.testingEventLoop, turnTime: TurnTime(limit: nil)),
            opening: opening)
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9988)).get()
        try await channel.pipeline.addHandler(handler)
        #expect(try await channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "question"))
        return opening.futureResult
    }

    private func answer(_ fields: String...) -> ByteBuffer {
        let yes = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(AcceptValue.make(for: handshake.key))",
        ]
        return ByteBuffer(string: (yes + fields).map { $0 + "\r\n" }.joined() + "\r\n")
    }

    private func failure(_ opening: EventLoopFuture<ClientHandshakeHandler.Opened>) async -> WebSocketClientError? {
        do {
            _ = try await opening.get()
            return nil
        } catch {
            return error as? WebSocketClientError
        }
    }

    @Test("RFC 6455 §4.1: a yes opens the WebSocket, with what was agreed")
    func yes() async throws {
        let opening = try await ask()
        try await channel.writeInbound(
            answer(
                "Sec-WebSocket-Protocol: chat",
                "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"))
        let opened = try await opening.get()
        #expect(opened.subprotocol == "chat")
        #expect(opened.connection.closed == nil)
        try await channel.close()
    }

    @Test("an answer in single bytes, with frames right behind it, loses nothing")
    func pieces() async throws {
        let opening = try await ask()
        var bytes = answer()
        bytes.writeImmutableBuffer(
            FrameEncoder.encode([.message(.text("first")), .message(.text("second"))], role: .server))
        for byte in bytes.readableBytesView { try await channel.writeInbound(ByteBuffer(bytes: [byte])) }
        let connection = try await opening.get().connection
        let texts = try await channel.testingEventLoop.executeInContext {
            [connection.takeMessage()?.text, connection.takeMessage()?.text]
        }
        #expect(texts == ["first", "second"])
        try await channel.close()
    }

    @Test(
        "RFC 9110 §15.2: interim responses before the 101 are ignored",
        arguments: [
            "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 x\r\n\r\nHTTP/1.1 199 y\r\nA: b\r\n\r\n",
        ])
    func interim(text: String) async throws {
        let opening = try await ask()
        var bytes = ByteBuffer(string: text)
        var yes = answer("Sec-WebSocket-Protocol: chat")
        bytes.writeBuffer(&yes)
        bytes.writeImmutableBuffer(FrameEncoder.encode([.message(.text("first"))], role: .server))
        // However it is cut.
        for byte in bytes.readableBytesView { try await channel.writeInbound(ByteBuffer(bytes: [byte])) }
        let opened = try await opening.get()
        #expect(opened.subprotocol == "chat")
        let first = try await channel.testingEventLoop.executeInContext { opened.connection.takeMessage()?.text }
        #expect(first == "first")
        try await channel.close()
    }

    @Test("RFC 9110 §15.2: a refusal after an interim response is a refusal")
    func interimRefusal() async throws {
        let opening = try await ask()
        try await channel.writeInbound(
            ByteBuffer(string: "HTTP/1.1 103 x\r\n\r\nHTTP/1.1 403 y\r\nContent-Length: 0\r\n\r\n"))
        guard case .refused(403, _) = await failure(opening) else {
            Issue.record("expected a refusal")
            return
        }
    }

    @Test("interim responses without an end are a bad handshake")
    func interimWithoutEnd() async throws {
        let opening = try await ask()
        for _ in 1...16 { try await channel.writeInbound(ByteBuffer(string: "HTTP/1.1 103 x\r\n\r\n")) }
        #expect(channel.isActive)
        try await channel.writeInbound(ByteBuffer(string: "HTTP/1.1 103 x\r\n\r\n"))
        guard case .badHandshake = await failure(opening) else {
            Issue.record("expected a bad handshake")
            return
        }
        try await channel.closeFuture.get()
    }

    @Test("an ordinary answer is the error, with its status and fields", arguments: [200, 302, 401, 404, 503])
    func refused(status: Int) async throws {
        let opening = try await ask()
        try await channel.writeInbound(
            ByteBuffer(string: "HTTP/1.1 \(status) Whatever\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"))
        let error = await failure(opening)
        guard case .refused(let found, let headers) = error else {
            Issue.record("expected a refusal, found \(String(describing: error))")
            return
        }
        #expect(found == status)
        #expect(headers[.location] == "/there")
        try await channel.closeFuture.get()
    }

    @Test(
        "RFC 6455 §4.1: an answer that breaks a rule closes the connection",
        arguments: [
            "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
            "HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "HTTP/1.1 101 x\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        ])
    func badHandshake(text: String) async throws {
        let opening = try await ask()
        try await channel.writeInbound(ByteBuffer(string: text))
        guard case .badHandshake = await failure(opening) else {
            Issue.record("expected a bad handshake")
            return
        }
        try await channel.closeFuture.get()
    }

    @Test(
        "RFC 6455 §4.1: what was not offered cannot be agreed on",
        arguments: ["Sec-WebSocket-Protocol: other", "Sec-WebSocket-Extensions: x-other"])
    func notOffered(field: String) async throws {
        let opening = try await ask()
        try await channel.writeInbound(answer(field))
        guard case .badHandshake = await failure(opening) else {
            Issue.record("expected a bad handshake")
            return
        }
    }

    @Test("no answer within handshakeTimeout")
    func timeout() async throws {
        let opening = try await ask { $0.handshakeTimeout = .seconds(4) }
        try await channel.writeInbound(ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\n"))
        await channel.testingEventLoop.advanceTime(by: .milliseconds(3999))
        #expect(channel.isActive)
        await channel.testingEventLoop.advanceTime(by: .milliseconds(1))
        #expect(await failure(opening) == .timedOut)
        try await channel.closeFuture.get()
    }

    @Test("an endless answer is cut at handshakeLimit")
    func limit() async throws {
        let opening = try await ask { $0.handshakeLimit = 100 }
        try await channel.writeInbound(ByteBuffer(string: "HTTP/1.1 101 " + String(repeating: "x", count: 100)))
        guard case .badHandshake = await failure(opening) else {
            Issue.record("expected a bad handshake")
            return
        }
    }

    @Test("a server that closes before it has answered")
    func closed() async throws {
        let opening = try await ask()
        try await channel.close()
        #expect(await failure(opening) == .closed)
    }

    @Test("a server that sends no more before it has answered")
    func inputClosed() async throws {
        let opening = try await ask()
        try await channel.testingEventLoop.executeInContext { [channel] in
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        #expect(await failure(opening) == .closed)
    }
}
