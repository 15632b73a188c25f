import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
import HTTPTypes
import Logging
import NIOCore

/// One HTTP/1.1 connection: bytes to requests, one after the other, and responses to bytes.
///
/// The next request is read when the response to the last one is complete, so that answers keep their order and a
/// client that pipelines costs no more than `inputLimit` (RFC 9112 §9.3.2).
// Unchecked: everything is touched on the channel's event loop only; the tasks of handlers run there too.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler, EventLoopTickMember, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    enum Phase {
        case open
        /// The last response is on its way out.
        case closing
        /// All was sent; what still comes is thrown away until the client closes (RFC 9112 §9.6).
        case lingering
        case upgraded
        case closed
    }

    /// Received bytes that may wait while a request is answered.
    static let inputLimit = 64 << 10
    /// From so many bytes on, a piece of a streamed body is not copied: a thousand slow readers of one stream share it.
    static let sharedPieceSize = 1 << 10

    let service: HTTPService
    let eventLoop: any EventLoop
    let connection: Connection
    let accessLog: AccessLog
    private(set) var context: ChannelHandlerContext?
    // Exclusivity is not checked at run time where each request passes: all of it is on one thread, and no call that
    // changes one of these values leads back to it.
    @exclusivity(unchecked) var phase = Phase.open
    @exclusivity(unchecked) var exchange: Exchange?
    @exclusivity(unchecked) var output = ByteBuffer()
    var roomWaiters: [UnsafeContinuation<Void, any Error>] = []
    /// Whether the deadline for a head is set; later bytes of it do not move that.
    var isReadingHead = false
    var exchangeCount = 0
    /// When a client that goes on sending after the last response is cut.
    var lingersUntil = NIODeadline.distantFuture
    @exclusivity(unchecked) private var reader: RequestReader
    @exclusivity(unchecked) private var input: ByteBuffer?
    @exclusivity(unchecked) private var isProcessing = false
    /// Whether the rest of the input waits until others have had their turn.
    @exclusivity(unchecked) private var isProcessingLater = false
    private var isReadPending = false
    private var isFlushDue = false
    private(set) var inputEnded = false
    private(set) var isStopping = false
    private(set) var timer: DeadlineTimer?

    init(service: HTTPService, connection: Connection) {
        self.service = service
        self.connection = connection
        eventLoop = connection.eventLoop
        accessLog = AccessLog(service.configuration, connection: connection)
        reader = RequestReader(limits: service.readerLimits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: eventLoop) { [unowned self] in expired() }
        timer?.set(in: timeouts.idle)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        timer?.cancel()
        timer = nil
    }

    var timeouts: ServerConfiguration.Timeouts { service.configuration.timeouts }

    // MARK: Bytes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .open else {
            if phase == .upgraded { context.fireChannelRead(data) }
            if phase == .lingering { setLingerDeadline() }
            return
        }
        var bytes = unwrapInboundIn(data)
        if input == nil { input = bytes } else { input?.writeBuffer(&bytes) }
        connection.executor.turn { process() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isFlushDue, phase != .upgraded {
            isFlushDue = true
            connection.executor.callAtEndOfTick(self)
        }
        context.fireChannelReadComplete()
    }

    func endTick() {
        isFlushDue = false
        flush()
    }

    func read(context: ChannelHandlerContext) {
        if wantsInput { context.read() } else { isReadPending = true }
    }

    private var wantsInput: Bool {
        guard phase == .open else { return true }
        if let exchange, exchange.isBodyPaused { return false }
        return input.map { $0.readableBytes < Self.inputLimit } ?? true
    }

    func resumeReading() {
        guard isReadPending, wantsInput, let context else { return }
        isReadPending = false
        context.read()
    }

    /// Takes from the input what can be taken now.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        while phase == .open, mayTakeMore, let event = nextEvent() {
            switch event {
            case .head(let head): begin(head)
            case .body(let piece): exchange?.receive(piece)
            case .end: exchange?.finishBody()
            case .failure(let failure): reject(failure)
            }
            if input != nil, phase == .open, connection.executor.isTurnOver { return processLater() }
        }
        if phase == .open { waitForInput() }
    }

    /// Goes on in a turn of its own: a thousand requests may have come at once.
    private func processLater() {
        guard !isProcessingLater else { return }
        isProcessingLater = true
        Task.detached(executorPreference: connection.executor) { [self] in
            isProcessingLater = false
            resumeProcessing()
        }
    }

    /// Not past the end of a request that is being answered, and no new one while the client does not take the answers.
    private var mayTakeMore: Bool {
        if let exchange { return !exchange.isBodyComplete }
        return context?.channel.isWritable == true
    }

    func nextEvent() -> RequestReader.Event? {
        // Moved out and back in, so that the reader works on the only reference to the bytes. Without bytes it may
        // still have the end of a request to tell.
        var bytes = input.take() ?? ByteBuffer()
        let event = reader.next(&bytes)
        if bytes.readableBytes > 0 { input = bytes }
        return event
    }

    func takeInput() -> ByteBuffer? { input.take() }

    func inputBegins(with text: String) -> Bool {
        input?.readableBytesView.starts(with: text.utf8) == true
    }

    private func waitForInput() {
        // A client that does not take its answers has the write time, which is running.
        guard exchange == nil, context?.channel.isWritable == true else { return }
        if inputEnded {
            finishAndClose()
        } else if input == nil {
            timer?.set(in: timeouts.idle)
        } else if !isReadingHead {
            isReadingHead = true
            timer?.set(in: timeouts.head)
        }
    }

    /// Goes on after a response, unless `process` itself is what called the handler.
    func resumeProcessing() {
        guard !isProcessing else { return }
        process()
        flush()
        resumeReading()
    }

    // MARK: Events

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            let waiters = roomWaiters
            roomWaiters = []
            restoreDeadline()
            connection.executor.turn { for waiter in waiters { waiter.resume() } }
            resumeProcessing()
        } else if phase == .open || phase == .closing {
            timer?.set(in: timeouts.write)
        }
        context.fireChannelWritabilityChanged()
    }

    /// The client took something of the response: what it had to do before that counts again.
    private func restoreDeadline() {
        guard phase == .open else { return }
        if let exchange {
            if exchange.isEnding { return timer?.set(in: timeouts.write) ?? () }
            if exchange.isBodyComplete { timer?.clear() } else { timer?.set(in: timeouts.body) }
        } else {
            timer?.set(in: isReadingHead ? timeouts.head : timeouts.idle)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed where phase != .upgraded: endInput()
        case is ChannelShouldQuiesceEvent where phase != .upgraded:
            isStopping = true
            connection.serverStops()
            if phase == .lingering { setLingerDeadline() }
            if phase == .open, exchange == nil { finishAndClose() }
            if exchange?.isEndless == true { exchange?.task?.cancel() }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The client sends no more. It may wait for its answer (RFC 9112 §9.6 has the server do the same), or have left: its
    /// FIN says only the first. So what it asked is still answered, and what would have no end by itself is ended.
    private func endInput() {
        inputEnded = true
        if phase == .lingering { return close() }
        guard let exchange else { return resumeProcessing() }
        exchange.inputEnded()
        connection.endWaits()
        #if os(Linux)
            context?.channel.probePeer()
        #endif
    }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .open { logUnanswered() }
        if phase != .upgraded { phase = .closed }
        timer?.cancel()
        exchange?.clientLeft()
        exchange = nil
        let waiters = roomWaiters
        roomWaiters = []
        for waiter in waiters { waiter.resume(throwing: ChannelError.ioOnClosedChannel) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard phase != .upgraded else { return context.fireErrorCaught(error) }
        service.configuration.logger.debug("connection failed", metadata: ["error": "\(error)"])
        close()
    }

    private func expired() {
        // To a client that takes nothing there is no use in another answer.
        guard context?.channel.isWritable == true else { return close() }
        switch phase {
        case .open where exchange == nil && input != nil: rejectSlow()
        case .open where exchange?.isBodyComplete == false && exchange?.isEnding == false: checkBodyRate()
        case .lingering where isStopping: closeWhenReceived()
        // RFC 9112 §9.5: a server that wishes to time out should close gracefully; a request may be on its way.
        case .open where exchange == nil: finishAndClose()
        default: close()
        }
    }

    private func checkBodyRate() {
        guard var exchange else { return }
        defer { self.exchange = exchange }
        // A client that is made to wait is not slow.
        if exchange.isBodyPaused || exchange.awaitsContinue { exchange.bodyRate.restart(at: eventLoop.now) }
        let left = exchange.bodyRate.timeLeft(at: eventLoop.now, timeouts)
        if left > .zero {
            timer?.set(in: left)
        } else {
            exchange.failBody(HTTPError(.requestTimeout, "Expected the body sooner."))
        }
    }

    /// A process that ends may take its network along (a container's), and with it what the client did not get yet: while
    /// the server stops, a connection waits for that, as long as `timeouts.shutdown` lets it.
    private func closeWhenReceived() {
        guard let context else { return }
        UnsentBytes.areThere(in: context.channel).whenComplete { [self] found in
            guard phase == .lingering else { return }
            if (try? found.get()) == true { timer?.set(in: .seconds(1)) } else { close() }
        }
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        guard let context else { return }
        closingContext(context).close(promise: nil)
    }

    /// A close from outside, for example by a server whose time to stop is over.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard case .all = mode else { return context.close(mode: mode, promise: promise) }
        closingContext(context).close(promise: promise)
    }
}
