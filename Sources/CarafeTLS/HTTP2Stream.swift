import CarafeHTTP
import CarafeHTTP1Codec
import CarafeServer
import HTTPTypes
import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One stream of HTTP/2: a request, its handler and the response.
// Unchecked: everything is touched on the channel's event loop only; the task of the handler runs there too.
final class HTTP2Stream: ChannelDuplexHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    enum Phase {
        case waiting
        /// The request runs; its body may still come.
        case running(HTTP2Request)
        /// The response is out, or another protocol has the stream.
        case over
    }

    let service: HTTPService
    let connection: Connection
    private(set) var context: ChannelHandlerContext?
    private(set) var phase = Phase.waiting
    private let accessLog: AccessLog
    /// The request's, for the log.
    private var number: UInt64 = 0
    private let start: NIODeadline
    private var task: Task<Void, Never>?
    private var isStopping = false
    /// Whether a stopping server need not wait for the end of the response.
    private var isEndless = false
    private(set) var timer: DeadlineTimer?
    /// Whether all of the response was handed over, and the last of it waits for the client.
    var isEnding = false
    var roomWaiters: [UnsafeContinuation<Void, any Error>] = []

    // MARK: The body of the request

    private var body: Inbox?
    private var bodyRate: BodyRate
    private var isBodyComplete = false
    private var isBodyPaused = false
    private var awaitsContinue = false
    private var isReadPending = false

    init(service: HTTPService, connection: Connection) {
        self.service = service
        self.connection = connection
        accessLog = AccessLog(service.configuration, connection: connection)
        start = connection.eventLoop.now
        bodyRate = BodyRate(from: start)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [unowned self] in expired() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        timer?.cancel()
        timer = nil
    }

    var timeouts: ServerConfiguration.Timeouts { service.configuration.timeouts }

    // MARK: Frames in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            connection.executor.turn {
                if case .waiting = phase { begin(frame.headers, isWhole: frame.endStream) } else { finishBody() }
            }
        case .data(let frame):
            guard case .byteBuffer(let piece) = frame.data else { return }
            connection.executor.turn { receive(piece, isLast: frame.endStream) }
        default: break
        }
    }

    private func begin(_ block: HPACKHeaders, isWhole: Bool) {
        isBodyComplete = isWhole
        do {
            let head = try HTTP2Request(block, limits: service.configuration.limits)
            phase = .running(head)
            run(makeRequest(head))
        } catch {
            refuse(error)
        }
    }

    private func makeRequest(_ head: HTTP2Request) -> Request {
        var request = Request(
            method: head.method, target: head.target, headers: head.headers, body: makeBody(head),
            connection: connection)
        request.upgrade = head.upgrade
        number = request.number
        return request
    }

    private func makeBody(_ head: HTTP2Request) -> RequestBody {
        if isBodyComplete { return RequestBody() }
        // What comes before the stream has changed hands waits in SwiftNIO, within the window.
        if head.upgrade != nil {
            isBodyPaused = true
            return RequestBody()
        }
        let inbox = Inbox(limit: 64 << 10) { [weak self] in self?.bodyWanted() }
        body = inbox
        awaitsContinue = head.expectsContinue
        timer?.set(in: timeouts.body)
        return RequestBody(arriving: inbox, declaredLength: head.declaredLength)
    }

    private func receive(_ piece: ByteBuffer, isLast: Bool) {
        bodyRate.note(piece)
        if piece.readableBytes > 0, body?.push(Arrival(piece), cost: piece.readableBytes) == false {
            isBodyPaused = true
        }
        if isLast { finishBody() }
    }

    private func finishBody() {
        isBodyComplete = true
        isBodyPaused = false
        if context?.channel.isWritable == true, !isEnding { timer?.clear() }
        body?.finish()
    }

    private func bodyWanted() {
        guard let context else { return }
        guard context.eventLoop.inEventLoop else { return context.eventLoop.execute { self.bodyWanted() } }
        if awaitsContinue {
            awaitsContinue = false
            write(.headers(.init(headers: [":status": "100"])))
            context.flush()
        }
        resumeReading()
    }

    func read(context: ChannelHandlerContext) {
        if isBodyPaused { isReadPending = true } else { context.read() }
    }

    private func resumeReading() {
        isBodyPaused = false
        guard isReadPending else { return }
        isReadPending = false
        context?.read()
    }

    // MARK: The handler

    private func run(_ request: Request) {
        let task = Task.immediate(executorPreference: connection.executor) { [self] in
            let response: Response
            do {
                response = try await service.handler(request)
            } catch {
                response = service.answer(to: error)
            }
            await respond(with: response)
        }
        if case .running = phase { self.task = task }
    }

    private func respond(with response: Response) async {
        guard case .running(let head) = phase else { return }
        isEndless = response.isEndless
        if isEndless, isStopping { task?.cancel() }
        do {
            if let upgrade = response.upgrade {
                try take(upgrade, head, response)
            } else {
                try await send(response, head)
            }
        } catch {
            // The head is out, so that only a reset can tell the client.
            accessLog.write(head.method, head.target, number: number, since: start, response, "broken off")
            return reset(.internalError)
        }
        if case .over = phase, response.upgrade != nil { return }
        accessLog.write(head.method, head.target, number: number, since: start, response)
        // With the last frame the stream may have ended.
        if case .running = phase { complete() }
    }

    /// RFC 9113 §8.1: a client that still sends is told to stop when it has its answer.
    private func complete() {
        phase = .over
        timer?.cancel()
        body?.finish()
        task = nil
        if !isBodyComplete { reset(.noError) }
    }

    private func take(_ upgrade: Upgrade, _ head: HTTP2Request, _ response: Response) throws {
        guard head.upgrade != nil, let context else { throw ChannelError.operationUnsupported }
        write(.headers(.init(headers: HTTP2Response(response, to: head.method, date: service.date.value).fields)))
        context.flush()
        accessLog.write(head.method, head.target, number: number, since: start, response)
        phase = .over
        task = nil
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(HTTP2Tunnel())
        try upgrade.take(context.channel)
        resumeReading()
        pipeline.removeHandler(context: context, promise: nil)
    }

    private func refuse(_ failure: RequestFailure) {
        service.configuration.logger.debug("request refused", metadata: ["reason": "\(failure.reason)"])
        phase = .over
        let response = Response(.init(code: failure.status), text: failure.reason)
        write(.headers(.init(headers: HTTP2Response(response, to: .get, date: service.date.value).fields)))
        write(.data(.init(data: .byteBuffer(ByteBuffer(string: failure.reason)), endStream: true)))
        context?.flush()
        if !isBodyComplete { reset(.noError) }
    }

    // MARK: Frames out

    func write(_ payload: HTTP2Frame.FramePayload) {
        context?.write(wrapOutboundOut(payload), promise: nil)
    }

    func reset(_ code: NIOHTTP2.HTTP2ErrorCode) {
        phase = .over
        write(.rstStream(code))
        context?.flush()
    }

    // MARK: Events

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if isEnding {
                timer?.set(in: timeouts.write)
            } else if isBodyComplete {
                timer?.clear()
            } else {
                timer?.set(in: timeouts.body)
            }
            let waiters = roomWaiters
            roomWaiters = []
            connection.executor.turn { for waiter in waiters { waiter.resume() } }
        } else {
            timer?.set(in: timeouts.write)
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isStopping = true
            connection.serverStops()
            if isEndless { task?.cancel() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func expired() {
        guard let context, context.channel.isWritable, !isEnding else { return reset(.cancel) }
        if isBodyPaused || awaitsContinue { bodyRate.restart(at: context.eventLoop.now) }
        let left = bodyRate.timeLeft(at: context.eventLoop.now, timeouts)
        if left > .zero {
            timer?.set(in: left)
        } else {
            body?.finish(throwing: HTTPError(.requestTimeout, "Expected the body sooner."))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A stream that changed hands is no concern of ours any more.
        phase = .over
        timer?.cancel()
        body?.finish(throwing: HTTPError(.badRequest, "Expected the rest of the body."))
        task?.cancel()
        let waiters = roomWaiters
        roomWaiters = []
        for waiter in waiters { waiter.resume(throwing: ChannelError.ioOnClosedChannel) }
        context.fireChannelInactive()
    }

    /// A stream that the client resets; what follows is its end.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
