package import CarafeHTTP
package import CarafeWebSocketCodec
package import Logging
package import NIOCore
import Synchronization

/// A channel that speaks WebSocket, as server or as client: carries bytes between the socket and the codec, and keeps
/// the times.
// Unchecked: everything but `closed` and `inbox` is touched on the channel's event loop only.
package final class WebSocketConnection: ChannelDuplexHandler, @unchecked Sendable {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    enum Phase {
        case open
        /// Our close frame is out, the peer's is not in.
        case closing
        /// Both are through, or a fault was answered; what still comes is thrown away (RFC 6455 §7.1.1).
        case lingering
        /// The channel is gone, and what it brought is still to be received.
        case draining
        case closed
    }

    /// What the peer has sent.
    // Unwrapped: set in `init` and never again; it needs `self` for the way back.
    package private(set) var inbox: Inbox!
    private let role: Role
    private let settings: WebSocketConnectionSettings
    private let executor: EventLoopExecutor
    private let logger: Logger?
    private let onEnd: (WebSocketClosed) -> Void
    private let outcome = Mutex<WebSocketClosed?>(nil)
    private var decoder: MessageDecoder
    private var outbox: Outbox
    private var senders = SendQueue()
    private var context: ChannelHandlerContext?
    private var timer: DeadlineTimer?
    private var phase = Phase.open
    /// What the peer's last frame leads to, once the handler has done with the messages before it.
    private var ending: MessageDecoder.Event?
    private var isHeard = false
    private var silentIntervals = 0
    private var pings = PingCount()
    private var isInTurn = false
    private var isInboxFull = false
    private var isReadPending = false

    /// - Parameters:
    ///   - role: our side.
    ///   - compression: what was agreed; nil for none.
    ///   - logger: gets a peer's faults, as `debug`.
    ///   - onEnd: called once on the event loop, when nothing more can be sent or received.
    package init(
        role: Role, settings: WebSocketConnectionSettings, executor: EventLoopExecutor, compression: Compression? = nil,
        logger: Logger? = nil, onEnd: @escaping (WebSocketClosed) -> Void = { _ in }
    ) {
        self.role = role
        self.settings = settings
        self.executor = executor
        self.logger = logger
        self.onEnd = onEnd
        decoder = MessageDecoder(role: role, limits: settings.limits, deflate: compression?.parameters)
        outbox = Outbox(role: role, compression: compression)
        inbox = Inbox(limit: settings.inboundLimit) { [weak self] in self?.consumerWantsMore() }
    }

    /// How it ends or has ended; nil while it is open. Asked from anywhere.
    package var closed: WebSocketClosed? { outcome.withLock { $0 } }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [unowned self] in expired() }
        timer?.set(in: settings.pingInterval)
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        channelEnded()
    }

    // MARK: Bytes in

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isHeard = true
        guard phase == .open || phase == .closing else { return }
        var bytes = unwrapInboundIn(data)
        decoder.receive(&bytes)
        turn { decode() }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    /// Does `body` and what it woke up, then sends what came of it in one write.
    private func turn(_ body: () -> Void) {
        isInTurn = true
        executor.turn(body)
        settle()
        isInTurn = false
        flush()
    }

    private func decode() {
        while !isInboxFull, phase != .lingering, phase != .closed, let event = decoder.next() {
            switch event {
            case .message(let message):
                // A fixed part too, so that empty messages are bounded as well.
                if !inbox.push(Arrival(message), cost: message.bytes.readableBytes + 64) { isInboxFull = true }
            case .ping(let payload): answerPing(payload)
            case .pong: break
            case .close, .failure:
                ending = event
                timer?.set(in: settings.closeTimeout)
            }
        }
        if phase == .draining, !isInboxFull { end() }
    }

    private func answerPing(_ payload: ByteBuffer) {
        guard let context else { return }
        if pings.add(at: context.eventLoop.now) > settings.pingLimit {
            close(.policyViolation, reason: "more than \(settings.pingLimit) pings in a second")
        } else if phase == .open {
            // RFC 6455 §5.5.1: nothing follows our own close frame.
            if context.channel.isWritable { outbox.append(.pong(payload)) } else { outbox.postpone(pong: payload) }
        }
    }

    /// Ends what the peer ended, but for messages that the handler still works on: what came whole is answered.
    private func settle(isOverdue: Bool = false) {
        guard let ending, isOverdue || phase == .closing || inbox.isWaitedFor else { return }
        guard phase == .open || phase == .closing else { return }
        switch ending {
        case .close(let code, _): peerClosed(code)
        case .failure(let code, let reason): fail(code, reason)
        case .message, .ping, .pong: break
        }
    }

    package func read(context: ChannelHandlerContext) {
        if isInboxFull, phase == .open { isReadPending = true } else { context.read() }
    }

    /// The handler has taken enough from its inbox, or all.
    private func consumerWantsMore() {
        guard executor.eventLoop.inEventLoop else { return executor.eventLoop.execute { self.consumerWantsMore() } }
        if ending != nil, !isInTurn { turn {} }
        guard isInboxFull else { return }
        isInboxFull = false
        turn { decode() }
        guard !isInboxFull, isReadPending else { return }
        isReadPending = false
        context?.read()
    }

    // MARK: Frames out

    /// Sends a message, and waits while the peer does not keep up; on the event loop only.
    ///
    /// A task that is cancelled while it waits gets a `CancellationError`; its message is on its way all the same.
    package func send(_ message: Message) async throws {
        guard phase == .open else { throw closed ?? WebSocketClosed(code: .abnormalClosure) }
        outbox.append(message, at: executor.eventLoop.now)
        if !isInTurn { flush() }
        if context?.channel.isWritable == false { try await waitUntilWritable() }
    }

    private func waitUntilWritable() async throws {
        let ticket = senders.makeTicket()
        try await withTaskCancellationHandler {
            // Unsafe: each continuation leaves `senders` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { senders.add($0, ticket: ticket) }
        } onCancel: {
            // In a later turn of the loop, when the task is in the queue.
            executor.eventLoop.execute {
                self.senders.remove(ticket: ticket)?.resume(throwing: CancellationError())
            }
        }
    }

    /// Sends frames that a room has encoded; never waits, and closes a peer that is too far behind.
    package func enqueue(_ frames: ByteBuffer, areCompressed: Bool = false) {
        guard phase == .open, let context else { return }
        if areCompressed { outbox.noteSharedFrames() }
        if !outbox.hasBacklog, context.channel.isWritable {
            flush()
            context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
            return
        }
        outbox.postpone(frames)
        if outbox.backlogCost > settings.outboundLimit {
            outbox.dropPostponed()
            close(.tryAgainLater, reason: "too far behind")
        }
    }

    private func flush() {
        guard let context, let bytes = outbox.take() else { return }
        // Nothing overtakes what waits.
        if outbox.hasBacklog { return outbox.postpone(bytes) }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            outbox.appendLatePong()
            flush()
        }
        while context.channel.isWritable, let frames = outbox.takePostponed() {
            context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
        }
        guard context.channel.isWritable else { return }
        let waiting = senders.removeAll()
        turn { for sender in waiting { sender.resume() } }
    }

    // MARK: Closing

    /// Begins the closing handshake (RFC 6455 §7.1.2), after what was sent before; on the event loop only.
    package func close(_ code: CloseCode, reason: String = "") {
        if phase == .draining { return end() }
        guard phase == .open else { return }
        phase = .closing
        flush()
        while let frames = outbox.takePostponed() { context?.write(wrapOutboundOut(frames), promise: nil) }
        outbox.append(.close(code, reason: reason))
        flush()
        finish(WebSocketClosed(code: code, reason: reason))
        timer?.set(in: settings.closeTimeout)
        consumerWantsMore()
    }

    private func peerClosed(_ code: CloseCode?) {
        // RFC 6455 §5.5.1: the answer to a close frame echoes its code.
        if phase == .open { outbox.append(.close(code)) }
        linger(closingOutput: role == .server)
    }

    /// RFC 6455 §7.1.7: says once what was wrong, and no more.
    private func fail(_ code: CloseCode, _ reason: String) {
        logger?.debug("WebSocket refused", metadata: ["code": "\(code)", "reason": "\(reason)"])
        if phase == .open { outbox.append(.close(code, reason: reason)) }
        linger(closingOutput: true)
    }

    /// RFC 6455 §7.1.1: the server closes the connection first, and gives the peer time to read the close frame; a
    /// client waits for that. Whoever fails the connection closes it too (§7.1.7).
    private func linger(closingOutput: Bool) {
        phase = .lingering
        finish(ending.flatMap { WebSocketClosed($0) })
        timer?.set(in: settings.closeTimeout)
        guard closingOutput, let context else { return flush() }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            self.context?.close(mode: .output, promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(outbox.take() ?? ByteBuffer()), promise: promise)
    }

    /// Nothing more is received, and nothing more can be sent. Without a close frame the code is 1006.
    @discardableResult
    private func finish(_ closed: WebSocketClosed?) -> WebSocketClosed {
        let closed = closed ?? WebSocketClosed(code: .abnormalClosure)
        outcome.withLock { $0 = closed }
        outbox.dropPostponed()
        inbox.finish()
        for sender in senders.removeAll() { sender.resume(throwing: closed) }
        return closed
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: close(.goingAway, reason: "the server stops")
        case ChannelEvent.inputClosed: closeWhenSent(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The peer sends no more, and may still read what is on its way.
    private func closeWhenSent(_ context: ChannelHandlerContext) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            self.context?.close(promise: nil)
        }
        timer?.set(in: settings.closeTimeout)
        context.writeAndFlush(wrapOutboundOut(outbox.take() ?? ByteBuffer()), promise: promise)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        channelEnded()
        context.fireChannelInactive()
    }

    private func channelEnded() {
        context = nil
        timer?.cancel()
        timer = nil
        guard phase == .open, isInboxFull, role == .client else {
            if phase != .draining { end() }
            return
        }
        // A slow consumer still gets what came before the end. Not so at a server, whose handler is cancelled: nobody
        // shall keep one by filling its inbox and going away.
        phase = .draining
        for sender in senders.removeAll() { sender.resume(throwing: WebSocketClosed(code: .abnormalClosure)) }
    }

    private func end() {
        guard phase != .closed else { return }
        phase = .closed
        // Outside of any turn of a handler: it may end rooms and tasks.
        onEnd(finish(ending.flatMap { WebSocketClosed($0) }))
    }

    // MARK: Time

    private func expired() {
        guard let context else { return }
        if ending != nil, phase == .open {
            settle(isOverdue: true)
            return flush()
        }
        outbox.rest(at: context.eventLoop.now)
        // A peer whose socket is not read cannot be heard.
        silentIntervals = isHeard || isInboxFull ? 0 : silentIntervals + 1
        isHeard = false
        guard phase == .open, silentIntervals < settings.silentIntervals else {
            context.close(promise: nil)
            return
        }
        outbox.append(Frame(opcode: .ping, payload: ByteBuffer()))
        flush()
        timer?.set(in: settings.pingInterval)
    }
}
