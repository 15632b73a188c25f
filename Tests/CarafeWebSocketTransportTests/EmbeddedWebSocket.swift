import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore
import NIOEmbedded
import Synchronization

/// A server's WebSocket on an embedded channel, and the peer's end of it: no port, no app, and virtual time.
final class EmbeddedWebSocket: Sendable {
    typealias Handler = @Sendable (WebSocketConnection) async throws -> Void

    let connection: WebSocketConnection
    let executor: EventLoopExecutor
    private let loop: NIOAsyncTestingEventLoop
    private let channel: NIOAsyncTestingChannel
    private let decoder = Mutex(MessageDecoder(role: .client, limits: MessageLimits(messageLimit: 64 << 20)))

    /// Opens the connection, and runs its handler, at whose end it is closed.
    ///
    /// - Parameters:
    ///   - configure: changes the limits.
    ///   - handler: the app's side; by default an echo.
    init(
        _ configure: (inout ConnectionLimits) -> Void = { _ in }, _ handler: @escaping Handler = EmbeddedWebSocket.echo
    ) async throws {
        var limits = ConnectionLimits()
        configure(&limits)
        let loop = NIOAsyncTestingEventLoop()
        self.loop = loop
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
        self.executor = executor
        let connection = WebSocketConnection(role: .server, limits: SharedLimits(limits), executor: executor)
        self.connection = connection
        let channel = NIOAsyncTestingChannel(loop: loop)
        self.channel = channel
        try await loop.executeInContext { try channel.pipeline.syncOperations.addHandler(WebSocketHandler(connection)) }
        try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.7", port: 4711)).get()
        Task(executorPreference: executor) {
            do {
                try await handler(connection)
                connection.close(.normalClosure)
            } catch {
                connection.close(.internalError)
            }
        }
        await loop.run()
    }

    /// Sends each message back.
    static let echo: Handler = { connection in
        while let message = try await connection.receive() { try await connection.send(message) }
    }

    // MARK: The peer

    func send(_ text: String) async throws {
        try await send([.message(.text(text))])
    }

    func send(_ message: Message) async throws {
        try await send([.message(message)])
    }

    func send(_ frames: [Frame]) async throws {
        try await send(bytes: FrameEncoder.encode(frames, role: .client))
    }

    func send(bytes: ByteBuffer) async throws {
        try await channel.writeInbound(bytes)
        await loop.run()
    }

    /// Waits for the next event; nil when the channel is closed.
    func nextEvent() async throws -> MessageDecoder.Event? {
        while true {
            if let event = decoder.withLock({ $0.next() }) { return event }
            guard var bytes = try? await channel.waitForOutboundWrite(as: ByteBuffer.self) else { return nil }
            decoder.withLock { $0.receive(&bytes) }
        }
    }

    /// Returns the events that have arrived and were not received yet, without waiting.
    func pendingEvents() async throws -> [MessageDecoder.Event] {
        await loop.run()
        var events: [MessageDecoder.Event] = []
        while var bytes = try await channel.readOutbound(as: ByteBuffer.self) {
            decoder.withLock { $0.receive(&bytes) }
        }
        while let event = decoder.withLock({ $0.next() }) { events.append(event) }
        return events
    }

    /// Waits for the next message, and returns its text; nil when there is none to come.
    func receiveText() async throws -> String? {
        while let event = try await nextEvent() {
            if case .message(let message) = event { return message.text }
        }
        return nil
    }

    /// Whether the channel is open.
    var isOpen: Bool { channel.isActive }

    /// Stops or starts to take output.
    func setReading(_ reads: Bool) async throws {
        channel.isWritable = reads
        try await loop.executeInContext { [channel] in channel.pipeline.fireChannelWritabilityChanged() }
        await loop.run()
    }

    /// Closes the peer's half of the TCP connection.
    func finishSending() async throws {
        try await loop.executeInContext { [channel] in
            channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        await loop.run()
    }

    /// Closes the TCP connection without a close frame.
    func dropConnection() async {
        try? await channel.close().get()
        await loop.run()
    }

    // MARK: The loop

    func advanceTime(by amount: Duration) async {
        await loop.advanceTime(by: TimeAmount(amount))
    }
}

extension WebSocketConnection {
    /// Waits for the next message, as an app's socket does; nil when there will be none.
    func receive() async throws -> Message? {
        if let message = takeMessage() { return message }
        return try await waitForMessage()
    }
}
