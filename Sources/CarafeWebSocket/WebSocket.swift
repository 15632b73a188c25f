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

    let executor: EventLoopExecutor
    private(set) var state = State.handshake
    private(set) var connection: WebSocketConnection?
    // Exclusivity is not checked at run time where each message passes: all of it is on one thread, and nothing that
    // changes one of these leads back to it.
    @exclusivity(unchecked) private(set) var memberships: [Membership] = []
    /// Where messages come from: the connection, which may be over and still hold some.
    private var source: WebSocketConnection?
    private let handshake: ServerHandshake
    let compression: Compression?
    private let endpoint: WebSocketEndpoint
    private var answer: CheckedContinuation<Response, any Error>?
    private var accepting: [UnsafeContinuation<Void, any Error>] = []
    private var task: Task<Void, Never>?
    /// The same, to be compared only.
    @exclusivity(unchecked) private var handlersTask: UnsafeCurrentTask?
    /// When a handler that has not answered the handshake is given up.
    private var overdue: Scheduled<Void>?

    init(_ request: Request, endpoint: WebSocketEndpoint) throws {
        let handshake = try endpoint.enter(request)
        self.endpoint = endpoint
        var request = request
        // A copy of their own length: the bytes as they came hold on to the whole read, for as long as the socket lives.
        request.headers = request.headers.compacted
        self.request = request
        self.handshake = handshake
        subprotocol = handshake.subprotocol
        executor = request.connection.executor
        compression = endpoint.compression(for: handshake, on: executor)
    }

    // MARK: Receiving

    /// The next message, in the order they were sent, or nil when the connection has ended.
    public func receive() async throws -> Message? {
        try await receive(isCancellable: isCalledElsewhere)
    }

    // In small functions that are not joined: a task keeps the memory of its deepest calls, for as long as it waits.
    private func receive(isCancellable: Bool) async throws -> Message? {
        guard executor.eventLoop.inEventLoop else { return try await receiveFromElsewhere() }
        guard let source else { return try await receiveFirst(isCancellable: isCancellable) }
        if let message = source.takeMessage() { return message }
        if isCancellable { return try await source.waitForMessage() }
        // Unsafe, and here: see `wait`.
        return try await withUnsafeThrowingContinuation { source.wait($0) }
    }

    @inline(never)
    private func receiveFromElsewhere() async throws -> Message? {
        try await executor.run { [self] in try await receive(isCancellable: true) }
    }

    @inline(never)
    private func receiveFirst(isCancellable: Bool) async throws -> Message? {
        if case .closed = state { return nil }
        try await accept()
        return source == nil ? nil : try await receive(isCancellable: isCancellable)
    }

    /// Whether the caller is another task than the handler's own, of which nobody has a handle to cancel it.
    private var isCalledElsewhere: Bool {
        !executor.eventLoop.inEventLoop || withUnsafeCurrentTask { $0 != handlersTask }
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let socket: WebSocket
        /// Asked once: an iterator stays in its task.
        fileprivate let isCancellable: Bool

        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Message? {
            try await socket.receive(isCancellable: isCancellable)
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(socket: self, isCancellable: isCalledElsewhere)
    }

    // MARK: Sending

    /// Sends a message, and returns when there is room for the next; throws `WebSocketClosed` when the peer is gone.
    public func send(_ message: Message) async throws {
        guard executor.eventLoop.inEventLoop else {
            return try await executor.run { [self] in try await send(message) }
        }
        if connection == nil { try await accept() }
        // Not before what its rooms have sent.
        for membership in memberships { membership.group?.deliver() }
        let connection = try openConnection()
        if try !connection.write(message) { try await connection.waitUntilWritable() }
    }

    /// Sends a text message.
    public func send(_ text: String) async throws {
        try await send(.text(text))
    }

    /// Closes the connection: what was sent goes out first, and `receive` answers nil from here on.
    public func close(_ code: CloseCode = .normalClosure, reason: String = "") async throws {
        guard executor.eventLoop.inEventLoop else {
            return try await executor.run { [self] in try await close(code, reason: reason) }
        }
        if case .closed = state { return }
        try await accept()
        connection?.close(code, reason: reason)
    }

    // MARK: The handshake

    /// Completes the handshake; the first `send` or `receive` does it too.
    public func accept() async throws {
        guard executor.eventLoop.inEventLoop else { return try await executor.run { [self] in try await accept() } }
        // In this one function: a task keeps the memory of its deepest calls, and most handlers go no deeper than here.
        switch state {
        case .open: return
        case .closed(let closed): throw closed
        case .handshake, .accepting:
            // Unsafe: each continuation leaves `accepting` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { continuation in
                accepting.append(continuation)
                sendAnswer()
            }
        }
    }

    /// Runs the handler, and gives HTTP the answer that it leads to; a client that leaves before that cancels it.
    func answer(running handler: @escaping @Sendable () async throws -> Void) async throws -> Response {
        try await executor.run { [self] in
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    answer = continuation
                    start(handler)
                }
            } onCancel: {
                executor.eventLoop.execute { self.giveUpHandshake(CancellationError()) }
            }
        }
    }

    private func start(_ handler: @escaping @Sendable () async throws -> Void) {
        // Immediate: the handler runs on the loop at once, up to where it first waits.
        let task = Task.immediate(executorPreference: executor) { [self] in
            handlersTask = withUnsafeCurrentTask { $0 }
            defer { handlersTask = nil }
            do {
                try await handler()
                await finish(.normalClosure)
            } catch {
                await finish(throwing: error)
            }
        }
        if case .closed = state { return }
        self.task = task
        if case .handshake = state { limitHandshake() }
    }

    private func limitHandshake() {
        let limit = endpoint.options.handshakeTimeout
        overdue = executor.eventLoop.scheduleTask(in: limit) { [weak self] in
            self?.giveUpHandshake(
                HTTPError(.serviceUnavailable, "Expected an answer sooner.", headers: [.retryAfter: "5"]))
        }
    }

    private func giveUpHandshake(_ error: any Error) {
        guard case .handshake = state, let answer else { return }
        self.answer = nil
        ended(WebSocketClosed(code: .abnormalClosure))
        answer.resume(throwing: error)
    }

    private func sendAnswer() {
        guard case .handshake = state, let answer else { return }
        state = .accepting
        self.answer = nil
        overdue?.cancel()
        overdue = nil
        let upgrade = PendingUpgrade(socket: self)
        var headers: HTTPFields = [.secWebSocketAccept: handshake.accept]
        if let deflate = handshake.deflate { headers[.secWebSocketExtensions] = deflate.fieldValue }
        if let subprotocol { headers[.secWebSocketProtocol] = subprotocol }
        var response = Response(.switchingProtocols, headers: headers)
        response.upgrade = Upgrade(protocolName: "websocket") { channel in try upgrade.take(channel) }
        answer.resume(returning: response)
    }

    /// The channel has left HTTP and is ours.
    func attach(to channel: any Channel) throws {
        let connection = WebSocketConnection(
            role: .server, limits: endpoint.options.limits, executor: executor, compression: compression,
            logger: request.logger
        ) { [self] closed in ended(closed) }
        try channel.pipeline.syncOperations.addHandler(connection)
        self.connection = connection
        source = connection
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
    func ended(_ closed: WebSocketClosed) {
        if case .closed = state { return }
        state = .closed(closed)
        overdue?.cancel()
        overdue = nil
        endpoint.leave(request)
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
