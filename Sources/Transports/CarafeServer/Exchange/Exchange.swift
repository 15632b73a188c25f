package import CarafeHTTP
package import CarafeRuntime
package import HTTPTypes
package import NIOCore

/// One request and its response on their way, in either version of HTTP.
///
/// It carries out what an event means for the handler; the transport carries out the rest.
// Unchecked: everything is touched on the connection's event loop only; the task of the handler runs there too.
package final class Exchange: @unchecked Sendable {
    package let method: HTTPRequest.Method
    package let target: Target
    /// The request's own number, for the log.
    package let number: UInt64
    package let start: NIODeadline
    /// The protocols that the client would change to, in lower case (RFC 9110 §7.8).
    package let upgrades: String?
    // Exclusivity is not checked at run time where each request passes: no call that changes it leads back to it.
    @exclusivity(unchecked) package private(set) var state: ExchangeState
    /// The queue of a body that did not come with the head.
    private let body: BodyQueue?
    private let service: HTTPService
    private let accessLog: AccessLog
    private var task: Task<Void, Never>?

    package init(
        _ request: Request, state: ExchangeState, body: BodyQueue?, service: HTTPService, accessLog: AccessLog
    ) {
        method = request.method
        target = request.target
        number = request.number
        upgrades = request.upgrade
        self.state = state
        self.body = body
        start = state.start
        self.service = service
        self.accessLog = accessLog
    }

    /// The task that the end of the exchange cancels: the handler's, or the one of a stream.
    package func run(in task: Task<Void, Never>) {
        if !state.isOver { self.task = task }
    }

    package var hasTask: Bool { task != nil }

    package func cancelHandler() { task?.cancel() }

    /// Takes an event, and carries out what it means for the handler.
    ///
    /// - Returns: The action, of which the transport has its own part to do.
    package func handle(_ event: ExchangeState.Event) -> ExchangeState.Action {
        let action = state.handle(event)
        switch action {
        case .endBody, .takeNext, .finish, .upgrade: body?.finish()
        case .failBody(let failure, let cancelsHandler):
            body?.finish(throwing: failure.error)
            if cancelsHandler { task?.cancel() }
        case .cancelHandler: task?.cancel()
        case .writeHead(_, cancelsHandler: true): withUnsafeCurrentTask { $0?.cancel() }
        case .refuse:
            if state.body != .complete { body?.finish(throwing: ExchangeState.BodyFailure.incomplete.error) }
            task?.cancel()
        default: break
        }
        if state.isOver { task = nil }
        return action
    }

    /// Passes on a piece of the body.
    package func receive(_ piece: ByteBuffer) {
        let isQueueFull = piece.readableBytes > 0 && body?.push(piece) == false
        _ = handle(.bodyPiece(count: piece.readableBytes, isQueueFull: isQueueFull))
    }

    /// RFC 9110 §7.8: a server must not switch to a protocol that the client did not name.
    package func offers(_ protocolName: String) -> Bool {
        upgrades.map { TokenList($0).contains(protocolName.lowercased()) } == true
    }

    // MARK: The log

    /// Writes the line of the access log; `note` names a fault.
    // Not inlined: what it works with would be in the frame of each response that goes on for long.
    @inline(never)
    package func log(_ response: Response, _ note: String? = nil) {
        accessLog.write(method, target, number: number, since: start, response, note)
    }

    /// A client that has left before its response has a line too.
    package func logUnanswered(_ note: String = "client left") {
        if state.isAwaited { log(Response(.clientClosedRequest), note) }
    }

    /// Logs an error of the app, and nothing where the client has left or the server stops.
    @inline(never)
    package func logBreak(_ response: Response, _ error: any Error) {
        // Before the response is ending, writes throw only where the exchange is over.
        guard case .begun = state.response, !Task.isCancelled else { return }
        service.logBreak(of: response, to: method, target, number: number, error)
    }
}

extension ExchangeState.BodyFailure {
    fileprivate var error: HTTPError {
        switch self {
        case .incomplete: HTTPError(.badRequest, "Expected the rest of the body.")
        case .slow: HTTPError(.requestTimeout, "Expected the body sooner.")
        }
    }
}
