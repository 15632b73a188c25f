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
final class HTTP2Stream: @unchecked Sendable {
    private enum Phase {
        case waiting
        /// The request runs; its body may still come.
        case exchange(Exchange)
        /// The last frame of the response is written.
        case answered(LingeringStream)
        /// The stream has ended, or another protocol has it.
        case over
    }

    let service: HTTPService
    let connection: Connection
    let waiters: WritabilityWaiters
    private let streams: HTTP2Streams
    /// Bytes of the body that are taken of a request that was answered.
    private let lateBodyLimit: Int
    private let accessLog: AccessLog
    private let start: NIODeadline
    /// Nil before the stream is in its pipeline, and after.
    private(set) var context: ChannelHandlerContext?
    private var phase = Phase.waiting
    private(set) var timer: ExchangeTimer?
    private(set) var isStopping = false
    /// Whether the client has sent END_STREAM.
    private(set) var isRequestWhole = false
    /// Whether SwiftNIO has asked for frames, which are not wanted yet.
    private var isReadPending = false

    init(service: HTTPService, connection: Connection, streams: HTTP2Streams, lateBodyLimit: Int) {
        self.service = service
        self.connection = connection
        self.streams = streams
        self.lateBodyLimit = lateBodyLimit
        waiters = WritabilityWaiters(connection.executor)
        accessLog = AccessLog(service.configuration, connection: connection)
        start = connection.eventLoop.now
    }

    func start(in context: ChannelHandlerContext) {
        self.context = context
        timer = ExchangeTimer(eventLoop: context.eventLoop, service.times) { [unowned self] in
            deadlinePassed($0)
        }
    }

    /// Releases the channel, when its handler is removed.
    func release() {
        context = nil
        timer?.cancel()
        timer = nil
    }

    // MARK: Frames in

    func receive(_ frame: HTTP2Frame.FramePayload) {
        switch frame {
        case .headers(let frame):
            connection.executor.turn {
                if case .waiting = phase {
                    begin(frame.headers, isWhole: frame.endStream)
                } else {
                    receive(trailers: frame.headers)
                }
            }
        case .data(let frame):
            guard case .byteBuffer(let piece) = frame.data else { return }
            connection.executor.turn { receive(piece, isLast: frame.endStream) }
        case .windowUpdate(let increment): lingering?.take { $0.received(increment: increment) }
        default: break
        }
    }

    private func begin(_ block: HPACKHeaders, isWhole: Bool) {
        isRequestWhole = isWhole
        do {
            let head = try HTTP2Request(block, limits: service.configuration.limits)
            if head.isAboutServer { HTTP2Answer().write(on: self) } else { begin(head) }
        } catch {
            service.configuration.logger.debug("request refused", metadata: ["reason": "\(error.reason)"])
            HTTP2Answer(error, to: block).write(on: self)
        }
    }

    private func begin(_ head: HTTP2Request) {
        let body = HTTP2Body(of: head, on: self)
        if body.flow == .flowing { timer?.set(.body) }
        let request = head.makeRequest(body: body.body, connection: connection)
        let state = ExchangeState(
            body: body.flow, expectsContinue: head.expectsContinue,
            rate: BodyRate(from: start, service.times), isStopping: isStopping)
        let exchange = Exchange(request, state: state, body: body.queue, service: service, accessLog: accessLog)
        phase = .exchange(exchange)
        let atOnce = streams.isFirstOfRead() || !connection.executor.isTurnOver
        HTTP2ResponseWriter(stream: self, exchange: exchange).run(request, atOnce: atOnce)
    }

    private func receive(_ piece: ByteBuffer, isLast: Bool) {
        if case .exchange(let exchange) = phase { exchange.receive(piece) }
        if isLast { endRequest() } else { lingering?.take { $0.received(piece.readableBytes) } }
    }

    /// The request ends with trailers (RFC 9113 §8.1), which nobody reads.
    private func receive(trailers: HPACKHeaders) {
        if HTTP2Request.areValid(trailers: trailers) { return endRequest() }
        if case .exchange(let exchange) = phase { exchange.logUnanswered("malformed trailers") }
        reset(.protocolError)
    }

    private func endRequest() {
        isRequestWhole = true
        if case .exchange(let exchange) = phase { perform(exchange.handle(.bodyEnd)) }
    }

    /// Takes the event that the handler waits for more of the body; from any thread.
    func bodyWanted() {
        guard connection.eventLoop.inEventLoop else { return connection.eventLoop.execute { self.bodyWanted() } }
        if case .exchange(let exchange) = phase { perform(exchange.handle(.bodyWanted)) }
    }

    /// Takes the event that SwiftNIO asks for frames.
    func read() {
        if wantsInput { context?.read() } else { isReadPending = true }
    }

    private var wantsInput: Bool {
        switch phase {
        case .exchange(let exchange): exchange.state.body != .paused && exchange.state.body != .held
        case .answered(let lingering): isRequestWhole || !lingering.end.isPaused
        case .waiting, .over: true
        }
    }

    func resumeReading() {
        guard isReadPending, wantsInput else { return }
        isReadPending = false
        context?.read()
    }

    // MARK: Actions

    /// Carries out the stream's part of an action.
    func perform(_ action: ExchangeState.Action) {
        switch action {
        case .read: resumeReading()
        case .sendContinue:
            write(.headers(.init(headers: [":status": "100"])))
            context?.flush()
            resumeReading()
        case .endBody: timer?.clear(.body)
        case .set(let deadline): timer?.set(deadline)
        case .extendBody(let time): timer?.set(.body, in: time)
        case .clearDeadline: timer?.clear()
        case .cut: reset(.cancel)
        case .none, .failBody, .cancelHandler, .writeHead, .upgrade, .refuse, .takeNext, .finish: break
        }
    }

    func write(_ payload: HTTP2Frame.FramePayload) {
        context?.write(NIOAny(payload), promise: nil)
    }

    /// Writes the frame with END_STREAM.
    func writeLast(_ payload: HTTP2Frame.FramePayload) {
        // With a whole request the stream ends by itself.
        guard !isRequestWhole, let context else { return write(payload) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { self.lingering?.take { $0.answerLeft() } }
        context.write(NIOAny(payload), promise: promise)
    }

    func reset(_ code: NIOHTTP2.HTTP2ErrorCode) {
        closeExchange()
        phase = .over
        write(.rstStream(code))
        context?.flush()
    }

    /// Leaves the stream to another protocol.
    func leaveHTTP() { phase = .over }

    private func closeExchange() {
        guard case .exchange(let exchange) = phase else { return }
        // Before the body fails: a handler can tell by it why.
        exchange.cancelHandler()
        _ = exchange.handle(.closed)
    }

    // MARK: The end

    /// Takes the event that the response is written whole. The rest of it, and of the request, still has to pass.
    ///
    /// - Parameter hasLeft: Whether the system has the last of it.
    func complete(hasLeft: Bool = false, isMalformed: Bool = false) {
        phase = .answered(LingeringStream(of: self, HTTP2StreamEnd(bodyLimit: lateBodyLimit, isMalformed: isMalformed)))
        if context?.channel.isWritable == true { timer?.clear() }
        resumeReading()
        context?.flush()
        if hasLeft, !isRequestWhole { lingering?.take { $0.answerLeft() } }
        // Mostly the flush has ended the stream.
        if lingering != nil { streams.watch() }
    }

    private var lingering: LingeringStream? { if case .answered(let lingering) = phase { lingering } else { nil } }

    /// Whether the response still waits for the client; one that takes nothing for too long is cut off.
    func checkProgress() -> Bool {
        lingering?.take { $0.checkProgress() }
        return lingering != nil
    }

    // MARK: Events

    func writabilityChanged(_ isWritable: Bool) {
        switch (phase, isWritable) {
        case (.exchange(let exchange), _): perform(exchange.handle(isWritable ? .writable : .blocked))
        case (_, false): timer?.set(.write)
        case (.answered(let lingering), true): lingering.writable()
        case (_, true): timer?.clear()
        }
        if isWritable { waiters.resume() }
    }

    func stop() {
        isStopping = true
        connection.serverStops()
        if case .exchange(let exchange) = phase { perform(exchange.handle(.stop)) }
        lingering?.take { $0.timeIsUp() }
    }

    private func deadlinePassed(_ deadline: Deadline) {
        switch phase {
        case .exchange(let exchange):
            perform(exchange.handle(.deadlinePassed(deadline, now: connection.eventLoop.now)))
        case .answered(let lingering): lingering.deadlinePassed(deadline)
        case .waiting, .over: reset(.cancel)
        }
    }

    func channelEnded() {
        if case .exchange(let exchange) = phase { exchange.logUnanswered() }
        timer?.cancel()
        closeExchange()
        phase = .over
        waiters.fail()
    }

    /// Takes an error of SwiftNIO: of a stream that was reset, whose end follows, or of a frame that was not sent.
    func failed(_ error: any Error) {
        guard context?.channel.isActive == true else { return }
        service.configuration.logger.error("a response was not sent", metadata: ["error": "\(error)"])
        reset(.internalError)
    }
}
