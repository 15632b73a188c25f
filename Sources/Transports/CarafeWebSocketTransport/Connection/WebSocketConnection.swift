import CarafeHTTP
package import CarafeRuntime
package import CarafeWebSocketCodec
package import Logging
package import NIOCore
import Synchronization

/// A WebSocket connection, as server or as client: carries out on its channel the actions of the values that decide.
// Unchecked: everything but `closed` is touched on the channel's event loop only.
package final class WebSocketConnection: @unchecked Sendable {
    private let sharedLimits: SharedLimits
    let executor: EventLoopExecutor
    package let output: FrameWriter
    private let isMultiplexed: Bool
    private let logger: Logger?
    /// The number of the handshake's request, for the log.
    private let requestNumber: UInt64
    /// Released with the call, since it holds the owner of this connection.
    private var onEnd: ((WebSocketClosedError) -> Void)?
    private let outcome = Mutex<WebSocketClosedError?>(nil)
    private var context: ChannelHandlerContext?
    // Exclusivity is not checked at run time where each message passes: all of it is on one thread, and no call that
    // changes one of these values leads back to it.
    @exclusivity(unchecked) private(set) var closing: ClosingHandshake
    @exclusivity(unchecked) var inbound: InboundMessages
    @exclusivity(unchecked) private var keepAlive = KeepAlive()
    /// Whether a turn runs after which all output is written at once.
    private(set) var isInTurn = false
    private var timer: DeadlineTimer?
    private var messageTimer: MessageTimer?
    /// A text that goes with each ping, for a page, whose script hears no pings.
    package var beat: ByteBuffer?

    /// - Parameters:
    ///   - role: our side.
    ///   - compression: the agreed compression; nil for none.
    ///   - isMultiplexed: whether the channel is one of several on one connection.
    ///   - logger: gets a peer's faults, as `debug`.
    ///   - onEnd: called once on the event loop, when nothing more can be sent or received.
    package init(
        role: Role, limits: SharedLimits, executor: EventLoopExecutor, compression: Compression? = nil,
        isMultiplexed: Bool = false, logger: Logger? = nil, requestNumber: UInt64 = 0,
        onEnd: ((WebSocketClosedError) -> Void)? = nil
    ) {
        sharedLimits = limits
        self.executor = executor
        self.isMultiplexed = isMultiplexed
        self.logger = logger
        self.requestNumber = requestNumber
        self.onEnd = onEnd
        closing = ClosingHandshake(role: role)
        inbound = InboundMessages(role: role, limits: limits.values, compression: compression)
        output = FrameWriter(
            role: role, sendLimit: limits.values.sendLimit, executor: executor, compression: compression)
    }

    var limits: ConnectionLimits { sharedLimits.values }

    /// The end of the connection; nil while it is open. Callable on any thread.
    package var closed: WebSocketClosedError? { outcome.withLock { $0 } }

    // MARK: Events of the channel

    func start(in context: ChannelHandlerContext) {
        self.context = context
        output.start(context)
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [unowned self] in deadlinePassed() }
        timer?.set(in: pingInterval)
        // A stream of HTTP/2 has the limit of its connection.
        guard !isMultiplexed, let waterMark = limits.waterMark else { return }
        // Throws for a channel that is closing already.
        try? context.channel.syncOptions?.setOption(.writeBufferWaterMark, value: waterMark)
    }

    func receive(_ bytes: ByteBuffer) {
        keepAlive.noteBytes()
        guard closing.decodes else { return }
        var bytes = bytes
        inbound.receive(&bytes)
        turn { decode() }
    }

    func writabilityChanged(_ isWritable: Bool) {
        if isWritable { keepAlive.noteBytes() }
        let senders = output.writabilityChanged(isWritable)
        guard !senders.isEmpty else { return }
        turn { for sender in senders { sender.resume() } }
    }

    func inputClosed() { perform(closing.inputClosed()) }

    /// Takes the end of the channel, or of its handler.
    func channelEnded() {
        context = nil
        output.stop()
        timer?.cancel()
        timer = nil
        messageTimer?.cancel()
        messageTimer = nil
        perform(closing.connectionLost(hasUnreadInput: inbound.isPaused))
    }

    // MARK: Input

    /// Runs `body` and the tasks that it resumed; their output leaves in one write.
    func turn(_ body: () -> Void) {
        isInTurn = true
        executor.turn(body)
        if inbound.receiver.isTaken, closing.isCloseReceived { perform(closing.messagesDelivered()) }
        isInTurn = false
        output.flushAtEndOfTick()
    }

    private func decode() {
        while closing.decodes, let event = inbound.nextEvent() {
            switch event {
            case .message(let message): deliver(message)
            case .ping(let payload): answer(ping: payload)
            case .pong: break
            case .close(let code, let reason): perform(closing.received(.close(code, reason: reason)))
            case .failure(let code, let reason):
                perform(closing.received(.failure(ProtocolError(code: code, reason: reason))))
            }
        }
        if inbound.isInsideMessage { startMessageTimer() }
        if !inbound.isPaused, closing.isDraining { perform(closing.inputDrained()) }
    }

    private func deliver(_ message: Message) {
        messageTimer?.end()
        // After our own close frame the app receives nothing more.
        guard closing.deliversMessages else { return }
        switch inbound.deliver(message, limits: limits) {
        case .resume(let waiting): waiting.resume(returning: message)
        case .queued: break
        case .pauseReading: setReading(false)
        }
    }

    /// Goes on with the input after a pause.
    func resumeReading() {
        turn { decode() }
        if !inbound.isPaused { setReading(true) }
    }

    /// Switches automatic reading, because a handler for `read` would be asked at each message.
    private func setReading(_ isReading: Bool) {
        // Throws for a channel that is closing already.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
        // A stream of HTTP/2 does not begin by itself.
        if isReading { context?.read() }
    }

    private func answer(ping payload: ByteBuffer) {
        guard let context else { return }
        if keepAlive.receivedPing(at: context.eventLoop.now, limits: limits) {
            close(.policyViolation, reason: "more than \(limits.pingLimit) pings in a second")
        } else if closing.isOpen {
            // RFC 6455 §5.5.1: nothing follows our own close frame.
            output.answer(ping: payload)
        }
    }

    // MARK: Deadlines

    private func deadlinePassed() {
        guard let context else { return }
        guard closing.state == .open else { return perform(closing.deadlinePassed()) }
        output.rest(at: context.eventLoop.now)
        // A peer that is not read may still show that it is alive by taking output.
        let canBeHeard = !inbound.isPaused || !output.isWritable
        switch keepAlive.endInterval(canBeHeard: canBeHeard, limits: limits) {
        case .disconnect: context.close(promise: nil)
        case .ping:
            output.append(Frame(opcode: .ping, payload: ByteBuffer()))
            if let beat, output.takesMore { output.append(Frame(opcode: .text, payload: beat)) }
            output.flush()
            timer?.set(in: pingInterval)
        }
    }

    private func startMessageTimer() {
        guard closing.isOpen, let context else { return }
        messageTimer =
            messageTimer
            ?? MessageTimer(limit: TimeAmount(limits.messageTimeout), eventLoop: context.eventLoop) { [unowned self] in
                messageExpired()
            }
        messageTimer?.begin()
    }

    private func messageExpired() {
        // A peer that is not read is not slow.
        if inbound.isPaused { return messageTimer?.restart() ?? () }
        // RFC 6455 §7.4.1: 1008 is the general code where no other fits.
        let failure = ProtocolError(code: .policyViolation, reason: "expected the end of a message sooner")
        turn { perform(closing.fail(failure)) }
    }

    // MARK: The closing handshake

    /// Starts the closing handshake, after the messages that were sent before; on the event loop only.
    package func close(_ code: CloseCode, reason: String = "") {
        let wasOpen = closing.isOpen
        // First: a sender that goes on while the backlog is written sends nothing more.
        let actions = closing.close(code, reason: reason)
        guard wasOpen else { return perform(actions) }
        let resumesReading = inbound.drop()
        output.writeAll()
        perform(actions)
        // The peer's close frame may be behind messages that the app does not receive any more.
        if resumesReading { resumeReading() }
    }

    private func perform(_ actions: [ClosingHandshake.Action]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: ClosingHandshake.Action) {
        switch action {
        case .sendClose(let code, let reason): output.close(code, reason: reason)
        case .flush: output.flush()
        case .startDeadline: timer?.set(in: TimeAmount(limits.closeTimeout))
        case .failSenders(let end): output.failSenders(WebSocketClosedError(end))
        case .endMessages(let end): endMessages(WebSocketClosedError(end))
        case .logFailure(let failure): log(failure)
        case .closeOutput: output.whenWritten { $0.close(mode: .output, promise: nil) }
        case .closeWhenWritten:
            output.writeAll()
            output.whenWritten { $0.close(promise: nil) }
        case .closeTransport: context?.close(promise: nil)
        case .reportEnd(let end):
            // Outside of any turn of a handler: it may end rooms and tasks.
            let onEnd = self.onEnd
            self.onEnd = nil
            onEnd?(WebSocketClosedError(end))
        }
    }

    private func endMessages(_ closed: WebSocketClosedError) {
        let isFirst = outcome.withLock { outcome in
            defer { outcome = closed }
            return outcome == nil
        }
        if isFirst { context?.triggerUserOutboundEvent(UpgradeEnded(code: Int(closed.code.rawValue)), promise: nil) }
        output.dropPostponed()
        inbound.receiver.take()?.resume(returning: nil)
        output.failSenders(closed)
    }

    private func log(_ failure: ProtocolError) {
        logger?.debug(
            "WebSocket refused",
            metadata: [
                RequestID.key: "\(RequestID.text(requestNumber))", "code": "\(failure.code)",
                "reason": "\(failure.reason)",
            ])
    }
}
