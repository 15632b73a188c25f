public import CarafeApp
package import CarafeRuntime
import CarafeWebSocketCodec
package import CarafeWebSocketTransport
import HTTPTypes
import Logging
import NIOCore

// Unchecked: `connection`, `outboundSources` and `state` are touched on the event loop only.
/// A WebSocket as its handler sees it: a sequence of messages, and calls to send some.
///
/// ```swift
/// app.webSocket("/echo") { socket in
///     for try await message in socket { try await socket.send(message) }
/// }
/// ```
public final class WebSocket: AsyncSequence, @unchecked Sendable {
    enum State {
        /// The handler runs, and HTTP waits for the answer that it leads to.
        case handshake
        /// The 101 is on its way.
        case accepting
        case open
        case closed(WebSocketClosedError)
    }

    /// The handshake's request: path, query, cookies, and what middleware left in it.
    public let request: Request

    /// The agreed subprotocol, if any (RFC 6455 §1.9).
    public let subprotocol: String?

    package let executor: EventLoopExecutor
    var state = State.handshake
    package internal(set) var connection: WebSocketConnection?
    // Exclusivity is not checked at run time where each message passes: all of it is on one thread, and nothing that
    // changes one of these leads back to it.
    @exclusivity(unchecked) package private(set) var outboundSources: [any OutboundSource] = []
    /// The source of messages: the connection, which may be over and still hold some.
    var source: WebSocketConnection?
    let handshake: ServerHandshake
    package let compression: Compression?
    let endpoint: WebSocketEndpoint
    var answer: CheckedContinuation<Response, any Error>?
    var accepting: [UnsafeContinuation<Void, any Error>] = []
    var task: Task<Void, Never>?
    /// The same, to be compared only.
    @exclusivity(unchecked) var handlersTask: UnsafeCurrentTask?
    /// When a handler that has not answered the handshake is given up.
    var overdue: Scheduled<Void>?

    init(_ request: Request, endpoint: WebSocketEndpoint) throws {
        let handshake = try endpoint.enter(request)
        self.endpoint = endpoint
        var request = request
        // A copy of their own length: the bytes as they came keep the whole read in memory while the socket lives.
        request.headers = request.headers.compacted
        self.request = request
        self.handshake = handshake
        subprotocol = handshake.subprotocol
        executor = request.connection.executor
        compression = endpoint.compression(for: handshake, on: executor)
    }

    // MARK: The end

    func finish(_ code: CloseCode, reason: String = "") async {
        if case .handshake = state { try? await accept() }
        flushSources()
        detachSources()
        connection?.close(code, reason: reason)
        task = nil
    }

    func finish(throwing error: any Error) async {
        if case .handshake = state, let answer {
            self.answer = nil
            detachSources()
            ended(WebSocketClosedError(code: .abnormalClosure))
            return answer.resume(throwing: error)
        }
        switch error {
        // The peer left while the handler was at work, or the server stops: nobody's fault.
        case is WebSocketClosedError, is CancellationError: await finish(.goingAway)
        default:
            request.logger.error(
                "a WebSocket handler failed", metadata: ["path": "\(request.target.path)", "error": "\(error)"])
            await finish(.internalError)
        }
    }

    /// Ends the socket when its connection is gone: resumes the tasks that wait, and cancels the handler's task.
    func ended(_ closed: WebSocketClosedError) {
        if case .closed = state { return }
        state = .closed(closed)
        overdue?.cancel()
        overdue = nil
        endpoint.leave(request)
        connection = nil
        detachSources()
        let waiting = accepting
        accepting = []
        for continuation in waiting { continuation.resume(throwing: closed) }
        task?.cancel()
        task = nil
    }

    func openConnection() throws -> WebSocketConnection {
        guard let connection else {
            if case .closed(let closed) = state { throw closed }
            throw WebSocketClosedError(code: .abnormalClosure)
        }
        return connection
    }

    // MARK: Outbound sources

    package func attach(_ source: any OutboundSource) { outboundSources.append(source) }

    package func remove(_ source: any OutboundSource) { outboundSources.removeAll { $0 === source } }

    /// Waits until the connection has taken what the sources have for the peer.
    @inline(never)
    func drainSources() async {
        for source in outboundSources { await source.drain() }
    }

    func flushSources() {
        for source in outboundSources { source.flushBeforeClose() }
    }

    func detachSources() {
        let detached = outboundSources
        outboundSources = []
        for source in detached { source.detach() }
    }
}
