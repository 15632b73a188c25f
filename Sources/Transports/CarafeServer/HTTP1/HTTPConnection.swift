import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import Logging
import NIOCore

/// One HTTP/1.1 connection: bytes to requests, one after the other, and responses to bytes.
///
/// The next request is read when the response to the last one is complete, so that answers keep their order and a
/// client that pipelines costs no more than the limit of `HTTP1Input` (RFC 9112 §9.3.2).
// Unchecked: everything is touched on the channel's event loop only; the tasks of handlers run there too.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler, TickObserver, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum Phase {
        /// Requests are read and answered.
        case serving
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
    private(set) lazy var exchanges = HTTP1Exchanges(of: self)
    private(set) lazy var requests = RequestLoop(of: self)
    // Exclusivity is not checked at run time where each request passes: no call that changes it leads back to it.
    @exclusivity(unchecked) private var phase = Phase.serving
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
    }

    func handlerAdded(context: ChannelHandlerContext) {
        output.context = context
        timer = ExchangeTimer(eventLoop: eventLoop, service.times) { [unowned self] deadline in
            // The pipeline may release this connection meanwhile.
            withExtendedLifetime(self) { listener?.deadlinePassed(deadline) }
        }
        timer?.set(.idle)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        output.context = nil
        timer?.cancel()
        timer = nil
    }

    /// Whether requests are read or answered.
    var isServing: Bool { if case .serving = phase { true } else { false } }

    private var isUpgraded: Bool { if case .upgraded = phase { true } else { false } }

    /// The type that has the connection's events; nil where HTTP has none of them any more.
    private var listener: (any HTTP1Phase)? {
        switch phase {
        case .serving: exchanges
        case .closing(let end): end
        case .upgraded, .closed: nil
        }
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .serving: requests.receive(unwrapInboundIn(data))
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

    func tickEnded() {
        isFlushDue = false
        output.flush()
    }

    func read(context: ChannelHandlerContext) { requests.read(context) }

    // MARK: The end

    /// Sends the rest, and closes the sending side.
    func finish() {
        guard isServing else { return }
        _ = requests.input.takeRest()
        let end = LingeringClose(of: self)
        phase = .closing(end)
        requests.resumeReading()
        end.start()
    }

    func close() {
        let isWithinBody = exchanges.current?.state.isCloseDelimited == true
        if case .closed = phase { return }
        listener?.end()
        phase = .closed
        output.close(isWithinBody: isWithinBody)
    }

    /// Leaves the connection to another protocol.
    ///
    /// - Returns: What the client has sent of it already.
    func leaveHTTP() -> ByteBuffer? {
        exchanges.end()
        phase = .upgraded
        timer?.cancel()
        return requests.input.takeRest()
    }

    // MARK: Events

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { writable() } else { listener?.blocked() }
        context.fireChannelWritabilityChanged()
    }

    private func writable() {
        if isServing { exchanges.writable() }
        waiters.resume()
        requests.resume()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed where !isUpgraded:
            isInputClosed = true
            listener?.inputClosed()
        case is ChannelShouldQuiesceEvent where !isUpgraded:
            isStopping = true
            connection.serverStops()
            listener?.stop()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isStopping { exchanges.current?.logUnanswered() }
        listener?.end()
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
        output.close(isWithinBody: exchanges.current?.state.isCloseDelimited == true, promise: promise)
    }
}
