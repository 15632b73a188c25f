import CarafeApp
import CarafeWebSocketCodec
import Logging
import NIOCore

/// A channel that speaks WebSocket: carries bytes between the socket and the codec, and keeps the times.
// Unchecked: everything is touched on the channel's event loop only.
final class WebSocketConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case open
        /// Our close frame is out, the peer's is not in.
        case closing
        /// Both are through, or a fault was answered; what still comes is thrown away (RFC 6455 §7.1.1).
        case lingering
        case closed
    }

    private let socket: WebSocket
    private let options: WebSocketOptions
    private var decoder: MessageDecoder
    private var context: ChannelHandlerContext?
    private var timer: DeadlineTimer?
    private var phase = Phase.open
    private var closeCode = CloseCode.abnormalClosure
    /// What the peer's last frame leads to, once the handler has done with the messages before it.
    private var ending: MessageDecoder.Event?
    private var silentIntervals = 0
    private var pings = 0
    private var pingSecond = NIODeadline.distantPast
    private var isInTurn = false
    private var isInboxFull = false
    private var isReadPending = false
    /// What leaves in one write at the end of the turn.
    private var output = ByteBuffer()
    /// What rooms sent past a full socket.
    private var backlog: CircularBuffer<ByteBuffer>?
    private var backlogCost = 0
    private var roomWaiters: [UnsafeContinuation<Void, any Error>] = []

    init(socket: WebSocket) {
        self.socket = socket
        options = socket.options
        decoder = MessageDecoder(role: .server, limits: socket.options.codecLimits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [unowned self] in expired() }
        timer?.set(in: options.pingInterval)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    // MARK: Bytes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        silentIntervals = 0
        guard phase == .open || phase == .closing else { return }
        var bytes = unwrapInboundIn(data)
        decoder.receive(&bytes)
        turn { decode() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    /// Does `body` and what it woke up, then sends what came of it in one write.
    private func turn(_ body: () -> Void) {
        isInTurn = true
        socket.executor.turn(body)
        settle()
        isInTurn = false
        flush()
    }

    private func decode() {
        while !isInboxFull, phase == .open || phase == .closing, let event = decoder.next() {
            switch event {
            case .message(let message):
                // A fixed part too, so that empty messages are bounded as well.
                if !socket.inbox.push(message, cost: message.bytes.readableBytes + 64) { isInboxFull = true }
            case .ping(let payload): answerPing(payload)
            case .pong: break
            case .close, .failure:
                ending = event
                timer?.set(in: options.closeTimeout)
            }
        }
    }

    private func answerPing(_ payload: ByteBuffer) {
        guard let now = context?.eventLoop.now else { return }
        if now >= pingSecond + .seconds(1) {
            pingSecond = now
            pings = 0
        }
        pings += 1
        if pings > options.pingLimit {
            close(.policyViolation, reason: "more than \(options.pingLimit) pings in a second")
        } else if phase == .open {
            // RFC 6455 §5.5.1: nothing follows our own close frame.
            write(.pong(payload))
        }
    }

    /// Ends what the peer ended, but for messages that the handler still works on: what came whole is answered.
    private func settle(isOverdue: Bool = false) {
        guard let ending, isOverdue || phase == .closing || socket.inbox.isWaitedFor else { return }
        self.ending = nil
        switch ending {
        case .close(let code, let reason): peerClosed(code, reason)
        case .failure(let code, let reason): fail(code, reason)
        case .message, .ping, .pong: break
        }
    }

    func read(context: ChannelHandlerContext) {
        if isInboxFull, phase == .open { isReadPending = true } else { context.read() }
    }

    /// The handler has taken enough from its inbox, or all.
    func handlerWantsMore() {
        if ending != nil, !isInTurn { turn {} }
        guard isInboxFull else { return }
        isInboxFull = false
        turn { decode() }
        guard !isInboxFull, isReadPending else { return }
        isReadPending = false
        context?.read()
    }

    // MARK: Frames out

    /// Sends a frame, and waits while the peer does not keep up.
    func send(_ frame: Frame) async throws {
        guard phase == .open else { throw WebSocketClosed(code: closeCode) }
        write(frame)
        if !isInTurn { flush() }
        if context?.channel.isWritable == false {
            // Unsafe: each continuation leaves `roomWaiters` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { roomWaiters.append($0) }
        }
    }

    /// Sends frames that a room has encoded; never waits, and closes a peer that is too far behind.
    func enqueue(_ frames: ByteBuffer) {
        guard phase == .open, let context else { return }
        if backlog == nil, context.channel.isWritable {
            flush()
            context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
            return
        }
        backlog = backlog ?? CircularBuffer()
        backlog?.append(frames)
        // A fixed part too, so that a flood of empty messages is bounded as well.
        backlogCost += frames.readableBytes + 64
        if backlogCost > options.outboundLimit {
            dropBacklog()
            close(.tryAgainLater, reason: "too far behind")
        }
    }

    private func write(_ frame: Frame) {
        FrameEncoder.append(frame, to: &output)
    }

    private func flush() {
        guard output.readableBytes > 0, let context else { return }
        let bytes = output
        output = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        while context.channel.isWritable, let frames = backlog?.popFirst() {
            backlogCost -= frames.readableBytes + 64
            context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
        }
        if backlog?.isEmpty == true { backlog = nil }
        guard context.channel.isWritable else { return }
        let waiters = roomWaiters
        roomWaiters = []
        turn { for waiter in waiters { waiter.resume() } }
    }

    private func dropBacklog() {
        backlog = nil
        backlogCost = 0
    }

    // MARK: Closing

    /// Begins the closing handshake (RFC 6455 §7.1.2), after what was sent before.
    func close(_ code: CloseCode, reason: String) {
        guard phase == .open else { return }
        phase = .closing
        closeCode = code
        for frames in backlog ?? [] { output.writeImmutableBuffer(frames) }
        dropBacklog()
        write(.close(code, reason: reason))
        flush()
        socket.inbox.finish()
        failWaiters()
        timer?.set(in: options.closeTimeout)
        handlerWantsMore()
    }

    private func peerClosed(_ code: CloseCode?, _ reason: String) {
        if phase == .open {
            closeCode = code ?? .noStatusReceived
            // RFC 6455 §5.5.1: the answer to a close frame echoes its code.
            write(.close(code))
        }
        finishSending()
    }

    /// RFC 6455 §7.1.7: says once what was wrong, and no more.
    private func fail(_ code: CloseCode, _ reason: String) {
        socket.request.logger.debug("WebSocket refused", metadata: ["code": "\(code)", "reason": "\(reason)"])
        if phase == .open {
            closeCode = code
            write(.close(code, reason: reason))
        }
        finishSending()
    }

    /// The server closes first (RFC 6455 §7.1.1), and gives the peer time to read the close frame.
    private func finishSending() {
        phase = .lingering
        dropBacklog()
        socket.inbox.finish()
        failWaiters()
        guard let context else { return }
        let last = output
        output = ByteBuffer()
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            self.context?.close(mode: .output, promise: nil)
        }
        timer?.set(in: options.closeTimeout)
        context.writeAndFlush(wrapOutboundOut(last), promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: close(.goingAway, reason: "the server stops")
        case ChannelEvent.inputClosed: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        guard phase != .closed else { return }
        phase = .closed
        context = nil
        timer?.cancel()
        timer = nil
        dropBacklog()
        failWaiters()
        // Outside of any turn of a handler: it may end rooms and tasks.
        socket.ended(closeCode)
    }

    private func failWaiters() {
        let waiters = roomWaiters
        roomWaiters = []
        for waiter in waiters { waiter.resume(throwing: WebSocketClosed(code: closeCode)) }
    }

    // MARK: Time

    private func expired() {
        guard let context else { return }
        if ending != nil {
            settle(isOverdue: true)
            return flush()
        }
        guard phase == .open, silentIntervals < options.silentIntervals else {
            context.close(promise: nil)
            return
        }
        silentIntervals += 1
        FrameEncoder.append(Frame(opcode: .ping, payload: ByteBuffer()), to: &output)
        flush()
        timer?.set(in: options.pingInterval)
    }
}
