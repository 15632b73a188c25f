import CarafeHTTP
package import CarafeRuntime
package import CarafeWebSocketCodec
package import Logging
package import NIOCore
import Synchronization

/// A channel that speaks WebSocket, as server or as client: carries bytes between the socket and the codec, and keeps
/// the times.
// Unchecked: everything but `closed` is touched on the channel's event loop only.
package final class WebSocketConnection: ChannelInboundHandler, @unchecked Sendable {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    let role: Role
    let limits: ConnectionLimits
    let executor: EventLoopExecutor
    private let isMultiplexed: Bool
    let logger: Logger?
    /// Of the handshake, for the log.
    let requestNumber: UInt64
    /// Given up with the call, since it holds whoever holds this connection.
    var onEnd: ((WebSocketClosed) -> Void)?
    let outcome = Mutex<WebSocketClosed?>(nil)
    var context: ChannelHandlerContext?
    @exclusivity(unchecked) var closing: ClosingHandshake

    // MARK: What comes in
    // Exclusivity is not checked at run time where each message passes: all of it is on one thread, and no call that
    // changes one of these values leads back to it.

    @exclusivity(unchecked) private var decoder: MessageDecoder
    @exclusivity(unchecked) private var queue = MessageQueue()
    @exclusivity(unchecked) var receiver = ReceiverSlot()
    /// Whether the handler must take messages before more are decoded; the socket is not read meanwhile.
    private(set) var isPaused = false
    private var pings = PingCount()

    // MARK: What goes out

    @exclusivity(unchecked) var outbox: Outbox
    var senders = SendQueue()
    var isWritable = true
    /// Whether something runs after which all is sent at once.
    private(set) var isInTurn = false
    /// Whether what is to be sent goes out at the end of the loop's tick.
    var isFlushDue = false

    // MARK: Times

    var timer: DeadlineTimer?
    @exclusivity(unchecked) var heartbeat = Heartbeat()
    var messageTimer: MessageTimer?
    /// A text that goes with each ping, for a page, whose script hears no pings.
    package var beat: ByteBuffer?
    package var pingInterval: TimeAmount { limits.pingInterval }

    /// - Parameters:
    ///   - role: our side.
    ///   - compression: what was agreed; nil for none.
    ///   - isMultiplexed: whether the channel is one of several on one connection.
    ///   - logger: gets a peer's faults, as `debug`.
    ///   - onEnd: called once on the event loop, when nothing more can be sent or received.
    package init(
        role: Role, limits: ConnectionLimits, executor: EventLoopExecutor, compression: Compression? = nil,
        isMultiplexed: Bool = false, logger: Logger? = nil, requestNumber: UInt64 = 0,
        onEnd: ((WebSocketClosed) -> Void)? = nil
    ) {
        self.role = role
        self.limits = limits
        self.executor = executor
        self.isMultiplexed = isMultiplexed
        self.logger = logger
        self.requestNumber = requestNumber
        self.onEnd = onEnd
        closing = ClosingHandshake(role: role)
        decoder = MessageDecoder(role: role, limits: limits.codecLimits, deflate: compression?.parameters)
        outbox = Outbox(role: role, compression: compression)
    }

    /// How it ends or has ended; nil while it is open. Asked from anywhere.
    package var closed: WebSocketClosed? { outcome.withLock { $0 } }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [unowned self] in expired() }
        timer?.set(in: limits.pingInterval)
        // SwiftNIO's own default is 64 KiB; a stream of HTTP/2 has the limit of its connection.
        guard limits.sendLimit != 64 << 10, !isMultiplexed else { return }
        let high = max(limits.sendLimit, 1)
        let marks = ChannelOptions.Types.WriteBufferWaterMark(low: max(high / 2, 1), high: high)
        // Of a channel that is closing already nothing is asked any more.
        try? context.channel.syncOptions?.setOption(.writeBufferWaterMark, value: marks)
    }

    // MARK: Bytes in

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        heartbeat.noteBytes()
        guard closing.decodes else { return }
        var bytes = unwrapInboundIn(data)
        decoder.receive(&bytes)
        turn { decode() }
    }

    /// Does `body` and what it woke up; what came of it goes out in one write.
    func turn(_ body: () -> Void) {
        isInTurn = true
        executor.turn(body)
        if receiver.isTaken, closing.isCloseReceived { perform(closing.messagesDelivered()) }
        isInTurn = false
        flushSoon()
    }

    private func decode() {
        while !isPaused, closing.decodes, let event = decoder.next() {
            switch event {
            case .message(let message): deliver(message)
            case .ping(let payload): answerPing(payload)
            case .pong: break
            case .close(let code, let reason): perform(closing.received(.close(code, reason: reason)))
            case .failure(let code, let reason):
                perform(closing.received(.failure(ProtocolFailure(code: code, reason: reason))))
            }
        }
        if decoder.isInsideMessage { timeMessage() }
        if !isPaused, closing.isDraining { perform(closing.inputDrained()) }
    }

    private func deliver(_ message: Message) {
        messageTimer?.end()
        // After our own close frame nobody receives any more.
        guard closing.deliversMessages else { return }
        if let waiting = receiver.take() {
            waiting.resume(returning: message)
        } else {
            queue.append(message)
            if queue.isFull(limits) { pause() }
        }
    }

    private func answerPing(_ payload: ByteBuffer) {
        guard let context else { return }
        if pings.add(at: context.eventLoop.now) > limits.pingLimit {
            close(.policyViolation, reason: "more than \(limits.pingLimit) pings in a second")
        } else if isOpen {
            // RFC 6455 §5.5.1: nothing follows our own close frame.
            if isWritable { outbox.append(.pong(payload)) } else { outbox.postpone(pong: payload) }
        }
    }

    /// Whether the socket is read by itself; a handler for `read` would be asked at each message.
    private func setReading(_ isReading: Bool) {
        // Of a channel that is closing already nothing is asked any more.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
        // A stream of HTTP/2 does not begin by itself.
        if isReading { context?.read() }
    }

    // MARK: Messages

    /// The next message, if one waits; on the event loop only.
    package func takeMessage() -> Message? {
        guard let message = queue.popFirst() else { return nil }
        if isPaused, !queue.isFull(limits) { resume() }
        return message
    }

    /// Waits for the next message; nil when there will be none. After `takeMessage` gave nil, on the event loop only,
    /// and by one caller at a time.
    @inline(never)
    package func waitForMessage() async throws -> Message? {
        let ticket = receiver.makeTicket()
        return try await withTaskCancellationHandler {
            // Unsafe: a continuation leaves `receiver` once, on the event loop, and is then resumed.
            try await withUnsafeThrowingContinuation { continuation in
                // A cancellation after this finds the continuation.
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    hold(continuation, ticket)
                }
            }
        } onCancel: {
            let eventLoop = executor.eventLoop
            // At once where that can be, so that the next receiver finds the place free.
            if eventLoop.inEventLoop { return cancelReceiver(ticket) }
            eventLoop.execute { self.cancelReceiver(ticket) }
        }
    }

    /// The same for a task that nobody but the connection's own end cancels: without a record in the task for each
    /// message.
    package func wait(_ continuation: UnsafeContinuation<Message?, any Error>) {
        hold(continuation, receiver.makeTicket())
    }

    private func hold(_ continuation: UnsafeContinuation<Message?, any Error>, _ ticket: Int) {
        guard !receiver.isTaken else { return continuation.resume(throwing: ConcurrentReceive()) }
        guard closing.deliversMessages else { return continuation.resume(returning: nil) }
        receiver.put(continuation, ticket: ticket)
        // The handler has done with all that came, the last frame's turn has come.
        if closing.isCloseReceived, !isInTurn { turn {} }
    }

    private func cancelReceiver(_ ticket: Int) {
        receiver.take(ticket: ticket)?.resume(throwing: CancellationError())
    }

    /// Whatever waits is not received any more.
    func dropMessages() {
        queue.removeAll()
    }

    /// The handler has enough to do: the socket is not read, and TCP holds the peer back.
    private func pause() {
        isPaused = true
        setReading(false)
    }

    /// The handler has made room.
    func resume() {
        isPaused = false
        turn { decode() }
        if !isPaused { setReading(true) }
    }
}
