import CarafeHTTP
public import CarafeWebSocketCodec
import HTTPTypes
public import NIOCore
import NIOEmbedded
import Synchronization

/// The client's end of a WebSocket in memory.
public final class TestWebSocket: Sendable {
    /// The response to the handshake.
    public let handshake: TestResponse
    private let channel: NIOAsyncTestingChannel
    /// The client, retained because the app's extensions end with it.
    private let client: TestClient
    private let decoder: Mutex<MessageDecoder>
    private let received = Mutex(0)

    private init(
        _ client: TestClient, channel: NIOAsyncTestingChannel, handshake: TestResponse, deflate: DeflateParameters?
    ) {
        let limits = MessageLimits(messageLimit: 64 << 20)
        decoder = Mutex(MessageDecoder(role: .client, limits: limits, deflate: deflate))
        self.client = client
        self.channel = channel
        self.handshake = handshake
    }

    static func open(
        _ client: TestClient, _ target: String, headers: HTTPFields, _ handshake: ClientHandshake
    ) async throws -> TestWebSocket {
        var fields = headers
        for (name, value) in handshake.fields {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        var request = try client.makeRequest(.get, target, headers: fields)
        request.upgrade = "websocket"
        let response = try await client.answer(to: request)
        let whole = try await client.inApp { try await response.body.collect() }
        let answer = client.makeResponse(response, to: request, body: whole)
        response.reportEnd(.sent)
        guard let upgrade = response.upgrade else { throw TestHandshakeError(response: answer) }
        let channel = NIOAsyncTestingChannel(loop: client.eventLoop)
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9988)).get()
        try await channel.testingEventLoop.executeInContext { try upgrade.start(channel) }
        await client.eventLoop.run()
        let deflate = try handshake.checkDeflate(
            .init(
                status: answer.status.code, upgrade: upgrade.protocolName, connection: "upgrade",
                accept: answer.headers[.secWebSocketAccept], extensions: answer.headers[.secWebSocketExtensions]))
        return TestWebSocket(client, channel: channel, handshake: answer, deflate: deflate)
    }

    /// Sends a message.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func send(_ message: Message) async throws {
        try await send([.message(message)])
    }

    /// Sends a text message.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func send(_ text: String) async throws {
        try await send(.text(text))
    }

    /// Sends frames, masked and otherwise unchanged.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func send(_ frames: [Frame]) async throws {
        try await send(bytes: FrameEncoder.encode(frames, role: .client))
    }

    /// Sends raw bytes, to test the reaction to bad ones.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func send(bytes: ByteBuffer) async throws {
        try await channel.writeInbound(bytes)
        await channel.testingEventLoop.run()
    }

    /// Waits for the next message, and responds to pings meanwhile.
    ///
    /// - Returns: The message, or nil when the connection has ended.
    /// - Throws: An error of the channel, such as one that is closed.
    public func receive() async throws -> Message? {
        while let event = try await nextEvent() {
            switch event {
            case .message(let message): return message
            case .ping(let payload): try await send([.pong(payload)])
            case .pong: continue
            case .close, .failure: return nil
            }
        }
        return nil
    }

    /// Waits for the next message.
    ///
    /// - Returns: Its text, or nil when the connection has ended.
    /// - Throws: An error of the channel, such as one that is closed.
    public func receiveText() async throws -> String? {
        try await receive()?.text
    }

    /// Waits for the next event, control frames included.
    ///
    /// - Returns: The event, or nil when the channel is closed.
    public func nextEvent() async throws -> MessageDecoder.Event? {
        while true {
            if let event = decoder.withLock({ $0.next() }) { return event }
            do {
                var bytes = try await channel.waitForOutboundWrite(as: ByteBuffer.self)
                count(bytes)
                decoder.withLock { $0.receive(&bytes) }
            } catch {
                return nil
            }
        }
    }

    /// Returns the events that have arrived and were not received yet, without waiting.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func pendingEvents() async throws -> [MessageDecoder.Event] {
        await channel.testingEventLoop.run()
        while var bytes = try await channel.readOutbound(as: ByteBuffer.self) {
            count(bytes)
            decoder.withLock { $0.receive(&bytes) }
        }
        var events: [MessageDecoder.Event] = []
        while let event = decoder.withLock({ $0.next() }) { events.append(event) }
        return events
    }

    /// The number of bytes received after the handshake, to measure compression.
    public var receivedBytes: Int { received.withLock { $0 } }

    private func count(_ bytes: ByteBuffer) {
        received.withLock { $0 += bytes.readableBytes }
    }

    /// Closes as a browser does: with a close frame, and then the connection.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func close(_ code: CloseCode = .normalClosure) async throws {
        guard channel.isActive else { return }
        try await send([.close(code)])
        await dropConnection()
    }

    /// Closes the sending side only.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func finishSending() async throws {
        try await channel.testingEventLoop.executeInContext { [channel] in
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        await channel.testingEventLoop.run()
    }

    /// Drops the connection without a close frame.
    public func dropConnection() async {
        try? await channel.close().get()
        await channel.testingEventLoop.run()
    }

    /// Whether the connection is open on the server's side.
    public var isOpen: Bool { channel.isActive }

    /// Starts or stops reading. While a peer does not read, the bytes that the server sends pile up.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func setReading(_ reads: Bool) async throws {
        channel.isWritable = reads
        try await channel.testingEventLoop.executeInContext { [channel] in
            channel.pipeline.fireChannelWritabilityChanged()
        }
        await channel.testingEventLoop.run()
    }

    /// Notifies the server's end that the server is stopping.
    ///
    /// - Throws: An error of the channel, such as one that is closed.
    public func stopServer() async throws {
        try await channel.testingEventLoop.executeInContext { [channel] in
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        await channel.testingEventLoop.run()
    }
}
