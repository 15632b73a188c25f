import CarafeHTTP
import CarafeRuntime
public import CarafeWebSocketCodec
public import CarafeWebSocketTransport
import NIOCore
import NIOPosix

/// The client's end of a WebSocket to another server: a sequence of messages, and calls to send some.
///
/// ```swift
/// try await WebSocketClient.connect("ws://127.0.0.1:9988/my_socket") { socket in
///     try await socket.send("hello")
///     for try await message in socket { print(message.text ?? "") }
/// }
/// ```
///
/// It pings, is bounded and closes as the server's end does.
public final class WebSocketClient: AsyncSequence, Sendable {
    /// The elements of the sequence.
    public typealias Element = Message

    /// The agreed subprotocol, if any (RFC 6455 §1.9).
    public let subprotocol: String?

    private let connection: WebSocketConnection
    private let executor: EventLoopExecutor
    private let end: EventLoopFuture<Void>

    init(_ opened: ClientHandshakeHandler.Opened, executor: EventLoopExecutor, end: EventLoopFuture<Void>) {
        connection = opened.connection
        subprotocol = opened.subprotocol
        self.executor = executor
        self.end = end
    }

    deinit {
        // RFC 6455 §7.4.1: 1001 is for an end that goes away; does nothing if the connection is closed already.
        executor.eventLoop.execute { [connection] in connection.close(.goingAway) }
    }

    /// Opens a WebSocket, and closes it when `body` is left: with 1000, or with 1011 when it throws.
    ///
    /// Throws `WebSocketClientError` when it cannot be opened, and what `body` throws.
    public static func connect<Value: Sendable>(
        _ url: String, options: WebSocketClientOptions = WebSocketClientOptions(),
        _ body: (WebSocketClient) async throws -> Value
    ) async throws -> Value {
        let socket = try await open(url, options: options)
        do {
            let value = try await body(socket)
            await socket.close()
            return value
        } catch {
            await socket.close(.internalError)
            throw error
        }
    }

    /// Opens a WebSocket that the caller closes; one that is forgotten is closed with 1001.
    public static func open(
        _ url: String, options: WebSocketClientOptions = WebSocketClientOptions()
    ) async throws -> WebSocketClient {
        let target = try WebSocketURL(url)
        let handshake = ClientHandshake(
            subprotocols: options.subprotocols, deflate: options.compression.map { DeflateOffer(options: $0) })
        let request = try handshake.bytes(to: target, headers: options.headers)
        let encryption = target.isSecure ? try ClientTLS(target, options) : nil
        let executor = EventLoopExecutor(eventLoop: options.eventLoopGroup.next(), turnTime: TurnTime())
        let opening = executor.eventLoop.makePromise(of: ClientHandshakeHandler.Opened.self)
        let handler = ClientHandshakeHandler(
            request: request, handshake: handshake, options: options, executor: executor, opening: opening)
        let channel: any Channel
        do {
            channel = try await connect(to: target, encryption, handler, options, on: executor.eventLoop)
        } catch {
            opening.fail(error)
            throw error
        }
        return try await withTaskCancellationHandler {
            WebSocketClient(try await opening.futureResult.get(), executor: executor, end: channel.closeFuture)
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private static func connect(
        to url: WebSocketURL, _ encryption: ClientTLS?, _ handler: ClientHandshakeHandler,
        _ options: WebSocketClientOptions, on eventLoop: any EventLoop
    ) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(options.handshakeTimeout))
            .resolver(options.resolver)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One read per wake-up: the second would nearly always find the socket empty.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
        do {
            // Not by an initializer: a name may have several addresses, and each that is tried would get the handler.
            return try await bootstrap.connect(host: url.host, port: url.port).flatMapThrowing { channel in
                let pipeline = channel.pipeline.syncOperations
                if let encryption { try pipeline.addHandler(encryption.makeHandler()) }
                try pipeline.addHandler(handler)
                return channel
            }.get()
        } catch ChannelError.connectTimeout {
            throw WebSocketClientError.timedOut
        } catch {
            throw WebSocketClientError.cannotConnect(url.authority, "\(error)")
        }
    }

    // MARK: Messages

    /// The next message, in the order they were sent, or nil when the connection has ended.
    public func receive() async throws -> Message? {
        try await executor.run { [connection, executor] in
            if let message = connection.takeMessage() {
                if executor.isTurnOverAfterStep { await Task.yield() }
                return message
            }
            return try await connection.waitForMessage()
        }
    }

    /// An iterator over the messages of the connection, for one task.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let socket: WebSocketClient

        /// Waits for the next message; nil when the connection has ended.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Message? {
            try await socket.receive()
        }
    }

    /// Creates an iterator over the messages that were not received yet.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(socket: self)
    }

    /// Sends a message, and returns when the connection is writable again.
    ///
    /// - Throws: `WebSocketClosedError` when the server is gone.
    public func send(_ message: Message) async throws {
        try await executor.run { [connection] in try await connection.send(message) }
    }

    /// Sends a text message.
    public func send(_ text: String) async throws {
        try await send(.text(text))
    }

    // MARK: The end

    /// Closes the connection, and returns when the server has closed too, or after `closeTimeout`.
    public func close(_ code: CloseCode = .normalClosure, reason: String = "") async {
        executor.eventLoop.execute { [connection] in connection.close(code, reason: reason) }
        try? await end.get()
    }

    /// The end of the connection; nil while it is open.
    public var closed: WebSocketClosedError? { connection.closed }
}
