import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import HTTPTypes
import Logging
import NIOCore

/// The exchanges of a connection, one after the other, and the times between them.
///
/// It carries out on the connection what an exchange leaves to its transport.
// Lives on its channel's event loop, as its connection does.
final class HTTP1Exchanges: HTTP1Phase {
    private enum State {
        /// Before the first byte of a request.
        case idle
        /// The deadline for a head runs; later bytes of it do not move that.
        case readingHead
        case exchange(Exchange)
    }

    // Unsafe: the connection owns this, and each call comes from it or from a task that holds it. A safe reference
    // would cost two atomic operations at each use.
    private unowned(unsafe) let connection: HTTPConnection
    private let output: HTTP1Output
    private let service: HTTPService
    private let accessLog: AccessLog
    // Exclusivity is not checked at run time where each request passes: no call that changes it leads back to it.
    @exclusivity(unchecked) private var state = State.idle

    init(of connection: HTTPConnection) {
        self.connection = connection
        output = connection.output
        service = connection.service
        accessLog = AccessLog(service.configuration, connection: connection.connection)
    }

    var current: Exchange? { if case .exchange(let exchange) = state { exchange } else { nil } }

    private var timer: ExchangeTimer? { connection.timer }

    // MARK: Requests

    /// Not past the end of a request that is being answered, and no new one while the client does not take the answers.
    var takesMore: Bool {
        switch state {
        case .exchange(let exchange): exchange.state.body != .complete
        case .idle, .readingHead: output.isWritable
        }
    }

    func take(_ event: RequestReader.Event) {
        switch event {
        case .head(let head): begin(head)
        case .body(let piece): current?.receive(piece)
        case .end: if let current { perform(current.handle(.bodyEnd)) }
        case .failure(let failure): refuse(failure, isHead: current.map { $0.method == .head } ?? beginsWithHead)
        }
    }

    /// Whether a head that failed, or is not whole, is one of HEAD: its beginning still lies in the input.
    private var beginsWithHead: Bool { connection.requests.input.begins(with: "HEAD ") }

    /// Sets the deadline of a client of which all bytes were taken.
    func waitForInput() {
        // A client that does not take its answers has the write time, which is running.
        guard output.isWritable else { return }
        switch state {
        case .idle where connection.isInputClosed, .readingHead where connection.isInputClosed: connection.finish()
        case .idle where connection.requests.input.isEmpty: timer?.set(.idle)
        case .idle:
            state = .readingHead
            timer?.set(.head)
        case .readingHead, .exchange: break
        }
    }

    /// Starts the handler of a request, with the body at hand if all of it came.
    private func begin(_ head: RequestHead) {
        timer?.clear()
        guard let target = Target(head.pathAndQuery), let method = HTTPRequest.Method(rawValue: head.method) else {
            if head.targetForm == .asterisk { return answerAsterisk(head) }
            let isHead = head.method == "HEAD"
            return refuse(HTTP1Refusal(.badRequest, "Expected a path that can be read.", isHead: isHead))
        }
        let body: HTTP1Body
        do {
            body = try HTTP1Body(of: head, on: connection)
        } catch {
            return refuse(error, isHead: method == .head)
        }
        if body.flow != .complete { timer?.set(.body) }
        // Made in its place: an initializer of its own would cost a copy of it.
        var request = Request(
            method: method, target: target, headers: Headers(lines: head.fields.bytes), body: body.body,
            connection: connection.connection)
        // RFC 9112 §3.2.2: with an absolute-form target its authority counts, and Host is ignored.
        if head.targetForm == .absolute { request.authority = head.host }
        if head.upgrade { request.upgrade = request.headers.ascii(.upgrade)?.lowercased() }
        let exchange = Exchange(
            request,
            state: ExchangeState(
                body: body.flow, expectsContinue: head.expectsContinue, keepsAlive: head.keepAlive, rate: body.rate,
                isStopping: connection.isStopping, isInputClosed: connection.isInputClosed),
            body: body.queue, service: service, accessLog: accessLog)
        state = .exchange(exchange)
        HTTP1ResponseWriter(connection: connection, exchange: exchange, isVersion11: head.minorVersion == 1)
            .run(request)
    }

    /// Takes the event that the handler waits for more of the body; from any thread.
    static func bodyWanted(on connection: HTTPConnection) {
        let eventLoop = connection.eventLoop
        guard eventLoop.inEventLoop else { return eventLoop.execute { bodyWanted(on: connection) } }
        let exchanges = connection.exchanges
        if let current = exchanges.current { exchanges.perform(current.handle(.bodyWanted)) }
    }

    // MARK: Answers without a handler

    /// RFC 9110 §9.3.7: `OPTIONS *` asks about the server, not about a resource.
    private func answerAsterisk(_ head: RequestHead) {
        // RFC 9112 §9.3: a body, which nobody reads, would be taken for the next request.
        let hasBody = head.framing != .none && head.framing != .contentLength(0)
        let keepsAlive = head.keepAlive && !hasBody && !connection.isStopping
        state = .idle
        HTTP1Response(
            response: Response(.noContent), framing: .none, keepsAlive: keepsAlive, isVersion11: head.minorVersion == 1
        ).write(into: &output.bytes, date: service.date)
        if !keepsAlive { connection.finish() }
    }

    /// Answers a request in the place of its handler, and closes.
    func refuse(_ refusal: HTTP1Refusal) {
        if let current {
            switch current.handle(.requestFailed) {
            case .refuse: break
            case .cut: return connection.close()
            default: return
            }
        }
        write(refusal)
    }

    private func refuse(_ failure: RequestError, isHead: Bool) {
        service.configuration.logger.debug("request refused", metadata: ["reason": "\(failure.reason)"])
        refuse(HTTP1Refusal(failure, isHead: isHead))
    }

    /// Writes the refusal of an exchange that is over, and closes.
    func write(_ refusal: HTTP1Refusal) {
        state = .idle
        refusal.write(into: &output.bytes, date: service.date)
        connection.finish()
    }

    // MARK: Actions

    /// Carries out the transport's part of an action.
    func perform(_ action: ExchangeState.Action) {
        switch action {
        case .read: connection.requests.resumeReading()
        case .sendContinue:
            StatusLine.writeContinue(into: &output.bytes)
            output.flush()
            connection.requests.resumeReading()
        case .endBody: timer?.clear(.body)
        case .set(let deadline): timer?.set(deadline)
        case .extendBody(let time): timer?.set(.body, in: time)
        case .clearDeadline: timer?.clear()
        case .takeNext: takeNext()
        case .finish:
            state = .idle
            connection.finish()
        case .cut: connection.close()
        case .none, .failBody, .cancelHandler, .writeHead, .upgrade, .refuse: break
        }
    }

    private func takeNext() {
        state = .idle
        // Of many small answers to one read, no more waits here than the socket is asked to take.
        if output.bytes.readableBytes >= HTTP1Output.smallBody { output.flush() }
        if output.isWritable { timer?.set(.idle) }
        connection.requests.resume()
    }

    // MARK: Events of the connection

    func writable() {
        switch state {
        case .idle: timer?.set(.idle)
        case .readingHead: timer?.set(.head)
        case .exchange(let exchange): perform(exchange.handle(.writable))
        }
    }

    func blocked() {
        if let current { perform(current.handle(.blocked)) } else { timer?.set(.write) }
    }

    func deadlinePassed(_ deadline: Deadline) {
        switch state {
        // RFC 9112 §9.5: a server that wishes to time out should close gracefully; a request may be on its way.
        case .idle where deadline == .idle: connection.finish()
        case .readingHead where deadline == .head:
            refuse(HTTP1Refusal(.requestTimeout, "Expected the request sooner.", isHead: beginsWithHead))
        // To a client that takes nothing there is no use in another answer.
        case .idle, .readingHead: connection.close()
        case .exchange(let exchange):
            perform(exchange.handle(.deadlinePassed(deadline, now: connection.eventLoop.now)))
        }
    }

    func stop() {
        if let current { perform(current.handle(.stop)) } else { connection.finish() }
    }

    /// A client that sends no more may wait for its answer (RFC 9112 §9.6 has the server do the same), or have left:
    /// its FIN says only the first. So its request is still answered, and a response without an end is ended.
    func inputClosed() {
        guard let current else { return connection.requests.resume() }
        perform(current.handle(.inputClosed))
        connection.connection.endWaits()
        #if os(Linux)
            output.context?.channel.probePeer()
        #endif
    }

    func end() {
        _ = current?.handle(.closed)
        state = .idle
    }
}
