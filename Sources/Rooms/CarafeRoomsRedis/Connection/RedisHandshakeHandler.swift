import CarafeRedisCodec
import CarafeRuntime
import NIOCore

/// Carries out a handshake on a channel, and leaves the channel's pipeline to the next handler.
final class RedisHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = RedisReply
    typealias OutboundOut = ByteBuffer

    private enum State {
        case waiting(RedisHandshake, EventLoopPromise<RedisServer>, DeadlineTimer?)
        case ended
    }

    private let deadline: TimeAmount
    private var state: State

    /// - Parameter ready: Succeeds with the server, or fails with the reason why there is no connection.
    init(_ handshake: RedisHandshake, deadline: TimeAmount, ready: EventLoopPromise<RedisServer>) {
        self.deadline = deadline
        state = .waiting(handshake, ready, nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .waiting(var handshake, let ready, let timer) = state else { return }
        switch handshake.receive(unwrapInboundIn(data)) {
        case .wait: state = .waiting(handshake, ready, timer)
        case .ready(let server): end(.success(server))
        case .fail(let error): fail(error, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(RedisUnavailableError.connectionEnded("the server closed it before the first reply")))
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard case .waiting(let handshake, let ready, nil) = state else { return }
        let timer = DeadlineTimer(eventLoop: context.eventLoop) { [deadline] in
            self.fail(RedisUnavailableError.timedOut(Duration(deadline)), context)
        }
        timer.set(in: deadline)
        state = .waiting(handshake, ready, timer)
        var bytes = context.channel.allocator.buffer(capacity: 256)
        for command in handshake.commands { command.write(to: &bytes) }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        end(.failure(error))
        context.close(promise: nil)
    }

    private func end(_ result: Result<RedisServer, any Error>) {
        guard case .waiting(_, let ready, let timer) = state else { return }
        timer?.cancel()
        state = .ended
        ready.completeWith(result)
    }
}
