import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import HTTPTypes
import Logging
import NIOCore

/// One HTTP/1.1 connection: bytes to requests, one after the other, and responses to bytes.
///
/// The next request is read when the response to the last one is complete, so that answers keep their order and a
/// client that pipelines costs no more than the limit of `HTTP1Input` (RFC 9112 §9.3.2).
// Unchecked: everything is touched on the channel's event loop only; the tasks of handlers run there too.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler, EventLoopTickMember, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum Phase {
        /// Before the first byte of a request.
        case idle
        /// The deadline for a head runs; later bytes of it do not move that.
        case readingHead
        case exchange(Exchange)
        /// The last response is on its way out, or all was sent.
        case closing(LingeringClose)
        case upgraded
        case closed
    }

    let service: HTTPService
    let eventLoop: any EventLoop
    let connection: Connection
    let output: HTTP1Output
    let waiters: WritabilityWaiters
    private let accessLog: AccessLog
    // Exclusivity is not checked at run time where each request passes: no call that changes it leads back to it.
    @exclusivity(unchecked) private var phase = Phase.idle
    private(set) lazy var requests = RequestLoop(of: self)
    private var isFlushDue = false
    private(set) var isInputClosed = false
    private(set) var isStopping = false
    private(set) var timer: ExchangeTimer?

    init(service: HTTPService, connection: Connection) {
        self.service = service
        self.connection = connection
        eventLoop = connection.eventLoop
        output = HTTP1Output(eventLoop)
        waiters = WritabilityWaiters(connection.executor)
        accessLog = AccessLog(service.configuration, connection: connection)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        output.context = context
        timer = ExchangeTimer(eventLoop: eventLoop, timeouts) { [unowned self] in deadlinePassed($0) }
        timer?.set(.idle)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        output.context = nil
        timer?.cancel()
        timer = nil
    }

    var timeouts: ServerConfiguration.Timeouts { service.configuration.timeouts }

    var exchange: Exchange? { if case .exchange(let exchange) = phase { exchange } else { nil } }

    /// Whether requests are read or answered.
    var isServing: Bool {
        switch phase {
        case .idle, .readingHead, .exchange: true
        case .closing, .upgraded, .closed: false
        }
    }

    private var isUpgraded: Bool { if case .upgraded = phase { true } else { false } }

    // MARK: Bytes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .idle, .readingHead, .exchange: requests.receive(unwrapInboundIn(data))
        case .closing(let end): end.received()
        case .upgraded: context.fireChannelRead(data)
        case .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isFlushDue, !isUpgraded {
            isFlushDue = true
            connection.executor.callAtEndOfTick(self)
        }
        context.fireChannelReadComplete()
    }

    func endTick() {
        isFlushDue = false
        output.flush()
    }

    func read(context: ChannelHandlerContext) { requests.read(context) }

    // MARK: Requests

    /// Not past the end of a request that is being answered, and no new one while the client does not take the answers.
    var takesMore: Bool {
        switch phase {
        case .exchange(let exchange): exchange.state.body != .complete
        case .idle, .readingHead: output.isWritable
        case .closing, .upgraded, .closed: false
        }
    }

    func take(_ event: RequestReader.Event) {
        switch event {
        case .head(let head): begin(head)
        case .body(let piece): exchange?.receive(piece)
        case .end: if let exchange { perform(exchange.handle(.bodyEnd)) }
        case .failure(let failure): refuse(failure, isHead: exchange.map { $0.method == .head } ?? beginsWithHead)
        }
    }

    /// Of a head that failed, or is not whole, the beginning still lies in the input.
    private var beginsWithHead: Bool { requests.input.begins(with: "HEAD ") }

    /// All that can be taken from the input was taken.
    func waitForInput() {
        // A client that does not take its answers has the write time, which is running.
        guard output.isWritable else { return }
        switch phase {
        case .idle where isInputClosed, .readingHead where isInputClosed: finish()
        case .idle where requests.input.isEmpty: timer?.set(.idle)
        case .idle:
            phase = .readingHead
            timer?.set(.head)
        default: break
        }
    }

    /// Starts the handler of a request, with the body at hand if all of it came.
    private func begin(_ head: RequestHead) {
        timer?.clear()
        guard let parts = HTTP1Request(head) else {
            if head.targetForm == .asterisk { return answerAsterisk(head) }
            let isHead = head.method == "HEAD"
            return refuse(HTTP1Refusal(.badRequest, "Expected a path that can be read.", isHead: isHead))
        }
        let body: HTTP1Body
        do {
            body = try HTTP1Body(of: parts, from: &requests.input, BodyRate(from: eventLoop.now, timeouts)) {
                [weak self] in
                self?.bodyWanted()
            }
        } catch {
            return refuse(error, isHead: parts.method == .head)
        }
        if body.flow != .complete { timer?.set(.body) }
        let request = parts.makeRequest(body: body.body, connection: connection)
        let state = ExchangeState(
            body: body.flow, expectsContinue: head.expectsContinue, keepsAlive: head.keepAlive, rate: body.rate,
            isStopping: isStopping, isInputClosed: isInputClosed)
        let exchange = Exchange(request, state: state, body: body.inbox, service: service, accessLog: accessLog)
        phase = .exchange(exchange)
        HTTP1ResponseWriter(connection: self, exchange: exchange, isVersion11: head.minorVersion == 1).run(request)
    }

    private func bodyWanted() {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.bodyWanted() } }
        if let exchange { perform(exchange.handle(.bodyWanted)) }
    }

    /// RFC 9110 §9.3.7: `OPTIONS *` asks about the server, not about a resource.
    private func answerAsterisk(_ head: RequestHead) {
        // RFC 9112 §9.3: a body, which nobody reads, would be taken for the next request.
        let hasBody = head.framing != .none && head.framing != .contentLength(0)
        let keepsAlive = head.keepAlive && !hasBody && !isStopping
        phase = .idle
        HTTP1Response(
            response: Response(.noContent), framing: .none, keepsAlive: keepsAlive, isVersion11: head.minorVersion == 1
        ).write(into: &output.bytes, date: service.date)
        if !keepsAlive { finish() }
    }

    /// Answers a request that no handler sees, or no longer.
    func refuse(_ refusal: HTTP1Refusal) {
        if let exchange {
            switch exchange.handle(.requestFailed) {
            case .refuse: break
            case .cut: return close()
            default: return
            }
        }
        write(refusal)
    }

    private func refuse(_ failure: RequestFailure, isHead: Bool) {
        service.configuration.logger.debug("request refused", metadata: ["reason": "\(failure.reason)"])
        refuse(HTTP1Refusal(failure, isHead: isHead))
    }

    func write(_ refusal: HTTP1Refusal) {
        phase = .idle
        refusal.write(into: &output.bytes, date: service.date)
        finish()
    }

    // MARK: Actions

    /// Carries out what is left of an action when the exchange has done its part.
    func perform(_ action: ExchangeState.Action) {
        switch action {
        case .read: requests.resumeReading()
        case .sendContinue:
            StatusLine.writeContinue(into: &output.bytes)
            output.flush()
            requests.resumeReading()
        case .endBody: timer?.clear(.body)
        case .set(let deadline): timer?.set(deadline)
        case .extendBody(let time): timer?.set(.body, in: time)
        case .clearDeadline: timer?.clear()
        case .takeNext: takeNext()
        case .finish:
            phase = .idle
            finish()
        case .cut: close()
        case .none, .failBody, .cancelHandler, .writeHead, .upgrade, .refuse: break
        }
    }

    private func takeNext() {
        phase = .idle
        // Of many small answers to one read, no more waits here than the socket is asked to take.
        if output.bytes.readableBytes >= HTTP1Output.smallBody { output.flush() }
        if output.isWritable { timer?.set(.idle) }
        requests.resume()
    }

    /// Sends what is left, and closes the sending side.
    private func finish() {
        guard isServing else { return }
        _ = requests.input.takeRest()
        let end = LingeringClose(of: self)
        phase = .closing(end)
        requests.resumeReading()
        end.start()
    }

    func close() {
        let isWithinBody = isCloseDelimited
        switch phase {
        case .closed: return
        case .exchange(let exchange): _ = exchange.handle(.closed)
        case .closing(let end): end.closed()
        case .idle, .readingHead, .upgraded: break
        }
        phase = .closed
        output.close(isWithinBody: isWithinBody)
    }

    /// Whether the end of the connection would be the end of a body.
    private var isCloseDelimited: Bool {
        switch exchange?.state.response {
        case .begun(.closeDelimited, _), .ending(.closeDelimited): true
        default: false
        }
    }

    /// Leaves the connection to another protocol.
    ///
    /// - Returns: What the client has sent of it already.
    func leaveHTTP() -> ByteBuffer? {
        phase = .upgraded
        timer?.cancel()
        return requests.input.takeRest()
    }

    // MARK: Events

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { writable() } else { blocked() }
        context.fireChannelWritabilityChanged()
    }

    private func writable() {
        switch phase {
        case .idle: timer?.set(.idle)
        case .readingHead: timer?.set(.head)
        case .exchange(let exchange): perform(exchange.handle(.writable))
        case .closing, .upgraded, .closed: break
        }
        waiters.resume()
        requests.resume()
    }

    private func blocked() {
        switch phase {
        case .idle, .readingHead: timer?.set(.write)
        case .exchange(let exchange): perform(exchange.handle(.blocked))
        case .closing(let end): end.blocked()
        case .upgraded, .closed: break
        }
    }

    private func deadlinePassed(_ deadline: Deadline) {
        switch phase {
        // RFC 9112 §9.5: a server that wishes to time out should close gracefully; a request may be on its way.
        case .idle where deadline == .idle: finish()
        case .readingHead where deadline == .head:
            refuse(HTTP1Refusal(.requestTimeout, "Expected the request sooner.", isHead: beginsWithHead))
        // To a client that takes nothing there is no use in another answer.
        case .idle, .readingHead: close()
        case .exchange(let exchange): perform(exchange.handle(.deadlinePassed(deadline, now: eventLoop.now)))
        case .closing(let end): end.deadlinePassed()
        case .upgraded, .closed: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed where !isUpgraded: inputClosed()
        case is ChannelShouldQuiesceEvent where !isUpgraded: stop()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    private func stop() {
        isStopping = true
        connection.serverStops()
        switch phase {
        case .idle, .readingHead: finish()
        case .exchange(let exchange): perform(exchange.handle(.stop))
        case .closing(let end): end.stop()
        case .upgraded, .closed: break
        }
    }

    /// The client sends no more. It may wait for its answer (RFC 9112 §9.6 has the server do the same), or have left: its
    /// FIN says only the first. So its request is still answered, and a response without an end is ended.
    private func inputClosed() {
        isInputClosed = true
        switch phase {
        case .idle, .readingHead: requests.resume()
        case .exchange(let exchange):
            perform(exchange.handle(.inputClosed))
            connection.endWaits()
            #if os(Linux)
                output.context?.channel.probePeer()
            #endif
        case .closing(let end): end.inputClosed()
        case .upgraded, .closed: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch phase {
        case .exchange(let exchange):
            if !isStopping { exchange.logUnanswered() }
            _ = exchange.handle(.closed)
        case .closing(let end): end.closed()
        case .idle, .readingHead, .upgraded, .closed: break
        }
        if !isUpgraded { phase = .closed }
        timer?.cancel()
        waiters.fail()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isUpgraded else { return context.fireErrorCaught(error) }
        service.configuration.logger.debug("connection failed", metadata: ["error": "\(error)"])
        close()
    }

    /// A close from outside, for example by a server whose time to stop is over.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard case .all = mode else { return context.close(mode: mode, promise: promise) }
        output.close(isWithinBody: isCloseDelimited, promise: promise)
    }
}
