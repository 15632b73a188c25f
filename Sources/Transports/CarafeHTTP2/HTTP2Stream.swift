import CarafeHTTP
import CarafeHTTP1
import CarafeRuntime
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
        /// The last frame of the response is written; it may still wait, and the request's body may still come.
        case answered(HTTP2StreamEnd)
        /// The stream has ended, or another protocol has it.
        case over
    }

    /// How long a client may go on with a request that was answered. What it sends after the reset is not lost on it: the
    /// answer is there before.
    private static let lingerTime = TimeAmount.seconds(2)

    let service: HTTPService
    let connection: Connection
    private let streams: HTTP2Streams
    /// Bytes of the body that are taken of a request that was answered.
    private let room: Int
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
    /// Whether the head of the response was written.
    private var isAnswering = false
    /// Whether all of a body in pieces was handed over, and the last of it is waited for.
    var isEnding = false
    private(set) var timer: DeadlineTimer?
    var roomWaiters: [UnsafeContinuation<Void, any Error>] = []

    // MARK: The body of the request

    private var body: Inbox?
    private var bodyRate: BodyRate
    private var isBodyComplete = false
    private var isBodyPaused = false
    private var awaitsContinue = false
    private var isReadPending = false

    init(service: HTTPService, connection: Connection, streams: HTTP2Streams, room: Int) {
        self.service = service
        self.connection = connection
        self.streams = streams
        self.room = room
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
                if case .waiting = phase {
                    begin(frame.headers, isWhole: frame.endStream)
                } else {
                    finish(frame.headers)
                }
            }
        case .data(let frame):
            guard case .byteBuffer(let piece) = frame.data else { return }
            connection.executor.turn { receive(piece, isLast: frame.endStream) }
        case .windowUpdate(let increment): end { $0.received(increment: increment) }
        default: break
        }
    }

    private func begin(_ block: HPACKHeaders, isWhole: Bool) {
        isBodyComplete = isWhole
        do {
            let head = try HTTP2Request(block, limits: service.configuration.limits)
            if head.isAboutServer { return answer(.options, Response(.noContent)) }
            phase = .running(head)
            run(makeRequest(head))
        } catch {
            refuse(block, error)
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
        if case .answered = phase {
            if isLast { finishBody() } else { end { $0.received(piece.readableBytes) } }
            return
        }
        bodyRate.note(piece)
        if piece.readableBytes > 0, body?.push(Arrival(piece), cost: piece.readableBytes) == false {
            isBodyPaused = true
        }
        if isLast { finishBody() }
    }

    /// The request ends with trailers (RFC 9113 §8.1), which nobody reads.
    private func finish(_ trailers: HPACKHeaders) {
        if HTTP2Request.areValid(trailers: trailers) { return finishBody() }
        if case .running(let head) = phase, !isAnswering {
            log(head, Response(.clientClosedRequest), "malformed trailers")
        }
        reset(.protocolError)
    }

    private func finishBody() {
        isBodyComplete = true
        isBodyPaused = false
        if case .running = phase, !isEnding, context?.channel.isWritable == true { timer?.clear() }
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
        let executor = connection.executor
        let task =
            streams.isFirstOfRead() || !executor.isTurnOver
            ? Task.immediate(executorPreference: executor) { await self.handle(request) }
            : Task(executorPreference: executor) { await self.handle(request) }
        if case .running = phase { self.task = task }
    }

    private func handle(_ request: Request) async {
        // The client may have left before the turn of this request.
        guard case .running = phase else { return }
        let response: Response
        do {
            response = service.finalResponse(try await service.handler(request))
        } catch {
            // A client that has left gets no answer, and its cancelled handler is no fault.
            guard case .running = phase else { return }
            response = service.answer(to: error)
        }
        await respond(with: response)
    }

    private func respond(with response: Response) async {
        guard case .running(let head) = phase else { return }
        let response = answer(to: head, response)
        isAnswering = true
        // RFC 9113 §8.1: a final response is not followed by an interim one.
        awaitsContinue = false
        isEndless = response.isEndless
        if isEndless, isStopping { task?.cancel() }
        do {
            if let upgrade = response.upgrade {
                try take(upgrade, head, response)
            } else {
                try await send(response, head)
            }
        } catch {
            // The head is out, so that only a reset can tell the client. Before `isEnding` writes throw only where the
            // stream is no longer open. A client that has left, or is made to, explains itself.
            if case .running = phase, !isEnding, !Task.isCancelled {
                service.logBreak(of: response, to: head.method, head.target, number: number, error)
            }
            log(head, response, "broken off")
            return reset(.internalError)
        }
        // `take` has logged an upgrade.
        if response.upgrade != nil { return }
        log(head, response)
        // With the last frame the stream may have ended.
        if case .running = phase { complete() }
    }

    /// RFC 9110 §9.3.6: any 2xx to a CONNECT means a tunnel. RFC 8441 §4 gives CONNECT a resource, which may not speak the
    /// protocol; RFC 9220 §3: 501 tells so.
    private func answer(to head: HTTP2Request, _ response: Response) -> Response {
        if let upgrade = response.upgrade, upgrade.protocolName.lowercased() != head.upgrade {
            service.configuration.logger.error("expected a request for an upgrade to \(upgrade.protocolName)")
            return HTTPService.failure
        }
        guard let name = head.upgrade, response.upgrade == nil, response.status.kind == .successful else {
            return response
        }
        return Response(.notImplemented, text: "Expected a resource that speaks \(name).")
    }

    private func log(_ head: HTTP2Request, _ response: Response, _ note: String? = nil) {
        accessLog.write(head.method, head.target, number: number, since: start, response, note)
    }

    private func take(_ upgrade: Upgrade, _ head: HTTP2Request, _ response: Response) throws {
        guard head.upgrade != nil, let context else { throw ChannelError.operationUnsupported }
        write(.headers(.init(headers: HTTP2Response(response, to: head.method, date: service.date.value).fields)))
        context.flush()
        log(head, response)
        phase = .over
        task = nil
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(HTTP2Tunnel())
        try upgrade.take(context.channel)
        // RFC 8441 §5: END_STREAM is what the end of a TCP connection would be.
        if isBodyComplete { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        resumeReading()
        pipeline.removeHandler(context: context, promise: nil)
    }

    private func refuse(_ block: HPACKHeaders, _ failure: RequestFailure) {
        service.configuration.logger.debug("request refused", metadata: ["reason": "\(failure.reason)"])
        // RFC 9110 §9.3.2: no content answers a HEAD, whatever else is wrong with it.
        let method = HTTPRequest.Method(rawValue: block.first(name: ":method") ?? "") ?? .get
        let response = Response(.init(code: failure.status), text: failure.reason)
        answer(method, response, isMalformed: failure.status == 400)
    }

    /// Answers what no handler sees.
    private func answer(_ method: HTTPRequest.Method, _ response: Response, isMalformed: Bool = false) {
        let head = HTTP2Response(response, to: method, date: service.date.value)
        let fields = HTTP2Frame.FramePayload.headers(.init(headers: head.fields, endStream: !head.hasBody))
        if head.hasBody, case .text(let text) = response.body {
            write(fields)
            writeLast(.data(.init(data: .byteBuffer(ByteBuffer(string: text)), endStream: true)))
        } else {
            writeLast(fields)
        }
        complete(isMalformed: isMalformed)
    }

    // MARK: The end

    /// The response is written whole; what is left of it, and of the request, still has to come through.
    private func complete(isMalformed: Bool = false) {
        phase = .answered(HTTP2StreamEnd(room: room, isMalformed: isMalformed))
        if context?.channel.isWritable == true { timer?.clear() }
        body?.finish()
        task = nil
        resumeReading()
        context?.flush()
        // The last of a body in pieces has left already.
        if isEnding, !isBodyComplete { end { $0.answerLeft() } }
        // Mostly the flush has ended the stream.
        if case .answered = phase { streams.watch() }
    }

    /// Writes the frame with END_STREAM.
    func writeLast(_ payload: HTTP2Frame.FramePayload) {
        // With a whole request the stream ends by itself.
        guard !isBodyComplete, let context else { return write(payload) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { self.end { $0.answerLeft() } }
        context.write(wrapOutboundOut(payload), promise: promise)
    }

    /// Takes an event to the end of the stream.
    private func end(_ event: (inout HTTP2StreamEnd) -> HTTP2StreamEnd.Step) {
        guard case .answered(var end) = phase else { return }
        let step = event(&end)
        phase = .answered(end)
        switch step {
        case .goOn: break
        case .pause: isBodyPaused = true
        case .linger where isStopping: self.end { $0.timeIsUp() }
        case .linger: timer?.set(in: Self.lingerTime)
        case .reset(let code): reset(code)
        }
    }

    /// Whether the response still waits for the client; one that takes nothing for too long is cut off.
    func checkProgress() -> Bool {
        end { $0.checkProgress() }
        return if case .answered = phase { true } else { false }
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
            restoreDeadline()
            let waiters = roomWaiters
            roomWaiters = []
            connection.executor.turn { for waiter in waiters { waiter.resume() } }
        } else {
            timer?.set(in: timeouts.write)
        }
        context.fireChannelWritabilityChanged()
    }

    /// The client took something of the response: what it had to do before that counts again.
    private func restoreDeadline() {
        switch phase {
        case .running where isEnding: timer?.set(in: timeouts.write)
        case .running where !isBodyComplete: timer?.set(in: timeouts.body)
        case .answered(let end) where end.hasAnswerLeft: timer?.set(in: Self.lingerTime)
        default: timer?.clear()
        }
        end {
            $0.madeProgress()
            return .goOn
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isStopping = true
            connection.serverStops()
            if isEndless { task?.cancel() }
            end { $0.timeIsUp() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func expired() {
        guard let context, context.channel.isWritable else { return reset(.cancel) }
        if case .answered = phase { return end { $0.timeIsUp() } }
        if isEnding { return reset(.cancel) }
        if isBodyPaused || awaitsContinue { bodyRate.restart(at: context.eventLoop.now) }
        let left = bodyRate.timeLeft(at: context.eventLoop.now, timeouts)
        if left > .zero {
            timer?.set(in: left)
        } else {
            body?.finish(throwing: HTTPError(.requestTimeout, "Expected the body sooner."))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .running(let head) = phase, !isAnswering {
            log(head, Response(.clientClosedRequest), "client left")
        }
        // A stream that changed hands is no concern of ours any more.
        phase = .over
        timer?.cancel()
        // Before the body fails: a handler can tell by it why.
        task?.cancel()
        task = nil
        body?.finish(throwing: HTTPError(.badRequest, "Expected the rest of the body."))
        let waiters = roomWaiters
        roomWaiters = []
        for waiter in waiters { waiter.resume(throwing: ChannelError.ioOnClosedChannel) }
        context.fireChannelInactive()
    }

    /// A stream that was reset, of which the end follows; or a frame of ours that SwiftNIO did not send.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard context.channel.isActive else { return }
        service.configuration.logger.error("a response was not sent", metadata: ["error": "\(error)"])
        reset(.internalError)
    }
}
