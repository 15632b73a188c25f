import CarafeRedisCodec
import CarafeRuntime
import NIOCore

/// Sends commands, and matches the replies with them in order.
///
/// The commands of one tick of the event loop are one write. A reply that is late ends the connection, since all later
/// replies would come late as well.
// Used on the channel's event loop only.
final class RedisCommandHandler: ChannelInboundHandler {
    typealias InboundIn = RedisReply
    typealias OutboundOut = ByteBuffer
    typealias ReplyHandler = (Result<RedisReply, RedisUnavailableError>) -> Void

    private enum State {
        case open(ChannelHandlerContext)
        case ended(RedisUnavailableError)
    }

    private let options: RedisOptions
    private let onMessage: ((RedisMessage) -> Void)?
    private let onEnd: (RedisUnavailableError) -> Void
    private var state = State.ended(.notConnected)
    private var pending: PendingCommands<ReplyHandler>
    private var timer: DeadlineTimer?
    /// The commands of this tick.
    private var output = ByteBuffer()

    /// - Parameters:
    ///   - onMessage: Receives what other clients publish; nil on a connection that does not subscribe.
    ///   - onEnd: Called once, after all pending commands have failed.
    init(
        _ options: RedisOptions, onMessage: ((RedisMessage) -> Void)?,
        onEnd: @escaping (RedisUnavailableError) -> Void
    ) {
        self.options = options
        self.onMessage = onMessage
        self.onEnd = onEnd
        pending = PendingCommands(
            // A command of such a connection is a word or two; the rooms with readers bound their number.
            countLimit: onMessage == nil ? options.pendingLimit : .max, sizeLimit: options.pendingSizeLimit)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        state = .open(context)
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [unowned self, options] in
            end(.timedOut(options.commandDeadline))
        }
    }

    func send(_ command: RedisCommand, onReply: @escaping ReplyHandler) {
        guard case .open(let context) = state else { return onReply(.failure(.notConnected)) }
        let isFirstOfTick = output.readableBytes == 0
        let size = command.size
        if let limit = pending.brokenLimit(size: size) { return onReply(.failure(.tooManyPending(limit: limit))) }
        let deadline = TimeAmount(options.commandDeadline)
        if pending.isEmpty { timer?.set(in: deadline) }
        pending.append(onReply, size: size, deadline: context.eventLoop.now + deadline)
        command.write(to: &output)
        // SwiftNIO runs it when it has run the tasks that are queued now, and has read the sockets of the tick.
        if isFirstOfTick { context.eventLoop.assumeIsolated().execute { self.flush() } }
    }

    private func flush() {
        guard case .open(let context) = state, output.readableBytes > 0 else { return }
        let bytes = output
        output = context.channel.allocator.buffer(capacity: min(bytes.readableBytes, 65_536))
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let reply = unwrapInboundIn(data)
        if let onMessage, let message = RedisMessage(reply) { return onMessage(message) }
        guard let handler = pending.removeFirst() else {
            return end(.connectionEnded("expected no reply without a command, found \(reply.kind)"))
        }
        if let deadline = pending.nextDeadline {
            timer?.set(in: max(deadline - context.eventLoop.now, .nanoseconds(0)))
        } else {
            timer?.clear()
        }
        handler(.success(reply))
        // Another connection may find the primary.
        if case .error(let error) = reply, error.code.isOfReplica { end(.connectionEnded("\(error)")) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.connectionEnded("\(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.connectionEnded("the server closed it"))
        context.fireChannelInactive()
    }

    /// Ends the connection, unless it has ended.
    func end(_ reason: RedisUnavailableError) {
        guard case .open(let context) = state else { return }
        state = .ended(reason)
        timer?.cancel()
        timer = nil
        context.close(promise: nil)
        for handler in pending.removeAll() { handler(.failure(reason)) }
        onEnd(reason)
    }
}
