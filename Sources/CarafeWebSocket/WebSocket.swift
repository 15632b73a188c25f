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
    var state = State.handshake
    var connection: WebSocketConnection?
    // Exclusivity is not checked at run time where each message passes: all of it is on one thread, and nothing that
    // changes one of these leads back to it.
    @exclusivity(unchecked) private(set) var memberships: [Membership] = []
    /// Where messages come from: the connection, which may be over and still hold some.
    var source: WebSocketConnection?
    let handshake: ServerHandshake
    let compression: Compression?
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
        // A copy of their own length: the bytes as they came hold on to the whole read, for as long as the socket lives.
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
        deliverRooms()
        leaveRooms()
        connection?.close(code, reason: reason)
        task = nil
    }

    func finish(throwing error: any Error) async {
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

    func openConnection() throws -> WebSocketConnection {
        guard let connection else {
            if case .closed(let closed) = state { throw closed }
            throw WebSocketClosed(code: .abnormalClosure)
        }
        return connection
    }

    // MARK: Rooms

    func add(_ membership: Membership) { memberships.append(membership) }

    func remove(_ membership: Membership) { memberships.removeAll { $0 === membership } }

    /// Waits until the peer has, or is soon to have, what its rooms have sent.
    @inline(never)
    func letRoomsGoFirst() async {
        for membership in memberships {
            membership.group?.deliver()
            await membership.waitUntilLevel()
        }
    }

    /// Hands over what the rooms have for it, before it is closed.
    func deliverRooms() {
        for membership in memberships { membership.group?.handOver(membership) }
    }

    func leaveRooms() {
        let left = memberships
        memberships = []
        for membership in left { membership.end() }
    }
}
