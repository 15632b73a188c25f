public import CarafeApp
import CarafeWebSocketCodec
import CarafeWebSocketConnection
import HTTPTypes
import Logging
import NIOCore

/// A WebSocket as its handler sees it: a sequence of messages, and calls to send some.
///
/// ```swift
/// app.webSocket("/echo") { socket in
///     for try await message in socket { try await socket.send(message) }
/// }
/// ```
// Unchecked: `connection`, `memberships` and `state` are touched on the event loop only.
public final class WebSocket: AsyncSequence, @unchecked Sendable {
    public typealias Element = Message

    enum State {
        /// The handler runs, and HTTP waits for the answer that it leads to.
        case handshake
        /// The 101 is on its way.
        case accepting
        case open
        case closed(WebSocketClosed)
    }

    /// The handshake's request: path, query, cookies, and what middleware left in it.
    public let request: Request

    /// What both sides agreed to speak, if anything (RFC 6455 §1.9).
    public let subprotocol: String?

    let options: WebSocketOptions
    let executor: EventLoopExecutor
    private(set) var state = State.handshake
    private(set) var connection: WebSocketConnection?
    private(set) var memberships: [Membership] = []
    private var inbox: Inbox?
    private let handshake: ServerHandshake
    let compression: Compression?
    private let count: SocketCount
    private var answer: CheckedContinuation<Response, any Error>?
    private var accepting: [CheckedContinuation<Void, any Error>] = []
    private var task: Task<Void, Never>?

    init(_ request: Request, options: WebSocketOptions, count: SocketCount, compression: RouteCompression?) throws {
        let handshake = try ServerHandshake(answering: request, options: options)
        try count.enter(from: request.remoteAddress)
        self.count = count
        var request = request
        // A copy of their own length: the bytes as they came hold on to the whole read, for as long as the socket lives.
        request.headers = request.headers.compacted
        self.request = request
        self.options = options
        self.handshake = handshake
        subprotocol = handshake.subprotocol
        executor = request.connection.executor
        self.compression = handshake.deflate.flatMap { [executor] agreed in
            compression.map { Compression(parameters: agreed.parameters, compressors: $0.compressors(on: executor)) }
        }
    }

    // MARK: Receiving

    /// The next message, in the order they were sent, or nil when the connection has ended.
    public func receive() async throws -> Message? {
        if !executor.eventLoop.inEventLoop || connection == nil { try await acceptUnlessClosed() }
        return try await inbox?.next().map(Message.init)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let socket: WebSocket

        public mutating func next() async throws -> Message? {
            try await socket.receive()
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(socket: self)
    }

    // MARK: Sending

    /// Sends a message, and returns when there is room for the next; throws `WebSocketClosed` when the peer is gone.
    public func send(_ message: Message) async throws {
        guard executor.eventLoop.inEventLoop, let connection else {
            return try await executor.run { [self] in
                try await accept()
                try await send(message, on: openConnection())
            }
        }
        try await send(message, on: connection)
    }

    private func send(_ message: Message, on connection: WebSocketConnection) async throws {
        // Not before what its rooms have sent.
        for membership in memberships { membership.group?.deliver() }
        try await connection.send(message)
    }

    /// Sends a text message.
    public func send(_ text: String) async throws {
        try await send(.text(text))
    }

    /// Closes the connection: what was sent goes out first, and `receive` answers nil from here on.
    public func close(_ code: CloseCode = .normalClosure, reason: String = "") async throws {
        try await executor.run { [self] in
            try await acceptUnlessClosed()
            connection?.close(code, reason: reason)
        }
    }

    // MARK: The handshake

    /// Completes the handshake; the first `send` or `receive` does it too.
    public func accept() async throws {
        try await executor.run { [self] in
            switch state {
            case .open: return
            case .closed(let closed): throw closed
            case .handshake, .accepting:
                try await withCheckedThrowingContinuation { continuation in
                    accepting.append(continuation)
                    sendAnswer()
                }
            }
        }
    }

    private func acceptUnlessClosed() async throws {
        try await executor.run { [self] in
            if case .closed = state { return }
            try await accept()
        }
    }

    /// Runs the handler, and gives HTTP the answer that it leads to.
    func answer(running handler: @escaping @Sendable () async throws -> Void) async throws -> Response {
        try await executor.run { [self] in
            try await withCheckedThrowingContinuation { continuation in
                answer = continuation
                // Immediate: the handler runs on the loop at once, up to where it first waits.
                let task = Task.immediate(executorPreference: executor) { [self] in
                    do {
                        try await handler()
                        await finish(.normalClosure)
                    } catch {
                        await finish(throwing: error)
                    }
                }
                if case .closed = state {} else { self.task = task }
            }
        }
    }

    private func sendAnswer() {
        guard case .handshake = state, let answer else { return }
        state = .accepting
        self.answer = nil
        let upgrade = PendingUpgrade(socket: self)
        var headers: HTTPFields = [.secWebSocketAccept: handshake.accept]
        if let deflate = handshake.deflate { headers[.secWebSocketExtensions] = deflate.fieldValue }
        if let subprotocol { headers[.secWebSocketProtocol] = subprotocol }
        var response = Response(.switchingProtocols, headers: headers)
        response.upgrade = Upgrade(protocolName: "websocket") { channel in try upgrade.take(channel) }
        answer.resume(returning: response)
    }

    /// The channel has left HTTP and is ours.
    fileprivate func attach(to channel: any Channel) throws {
        let connection = WebSocketConnection(
            role: .server, settings: options.connectionSettings, executor: executor, compression: compression,
            logger: request.logger
        ) { [self] closed in ended(closed) }
        try channel.pipeline.syncOperations.addHandler(connection)
        self.connection = connection
        inbox = connection.inbox
        state = .open
        let waiting = accepting
        accepting = []
        for continuation in waiting { continuation.resume() }
    }

    // MARK: The end

    private func finish(_ code: CloseCode, reason: String = "") async {
        if case .handshake = state { try? await accept() }
        leaveRooms()
        connection?.close(code, reason: reason)
        task = nil
    }

    private func finish(throwing error: any Error) async {
        if case .handshake = state, let answer {
            self.answer = nil
            leaveRooms()
            ended(WebSocketClosed(code: .abnormalClosure))
            return answer.resume(throwing: error)
        }
        switch error {
        // The peer left while the handler was at work, or the server stops: nobody's fault.
        case is WebSocketClosed, is CancellationError: await finish(.goingAway)
        default:
            request.logger.error(
                "a WebSocket handler failed", metadata: ["path": "\(request.target.path)", "error": "\(error)"])
            await finish(.internalError)
        }
    }

    /// The connection is gone: whoever waits is told, and the handler's task is cancelled.
    fileprivate func ended(_ closed: WebSocketClosed) {
        if case .closed = state { return }
        state = .closed(closed)
        count.leave(from: request.remoteAddress)
        connection = nil
        leaveRooms()
        let waiting = accepting
        accepting = []
        for continuation in waiting { continuation.resume(throwing: closed) }
        task?.cancel()
        task = nil
    }

    private func openConnection() throws -> WebSocketConnection {
        guard let connection else {
            if case .closed(let closed) = state { throw closed }
            throw WebSocketClosed(code: .abnormalClosure)
        }
        return connection
    }

    // MARK: Rooms

    func add(_ membership: Membership) { memberships.append(membership) }

    func remove(_ membership: Membership) { memberships.removeAll { $0 === membership } }

    private func leaveRooms() {
        let left = memberships
        memberships = []
        for membership in left { membership.end() }
    }
}

/// The promise in a 101 that somebody will take the channel; dropped unkept, it ends the socket.
private final class PendingUpgrade: @unchecked Sendable {
    // Unchecked: on the event loop until `deinit`, which only looks whether the socket was left behind.
    private var socket: WebSocket?

    init(socket: WebSocket) {
        self.socket = socket
    }

    func take(_ channel: any Channel) throws {
        try socket?.attach(to: channel)
        socket = nil
    }

    deinit {
        guard let socket else { return }
        socket.executor.eventLoop.execute { socket.ended(WebSocketClosed(code: .abnormalClosure)) }
    }
}
