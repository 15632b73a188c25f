import CarafeRuntime
import NIOCore
import NIOPosix

/// Opens connections to one address.
struct RedisConnector: Sendable {
    let address: RedisAddress
    let options: RedisOptions
    private let tls: RedisTLS?

    /// - Throws: When the trusted certificates cannot be read.
    init(_ address: RedisAddress, _ options: RedisOptions) throws {
        self.address = address
        self.options = options
        tls = address.isSecure ? try RedisTLS(address, trustedCertificates: options.trustedCertificates) : nil
    }

    /// Opens a connection, and does its handshake.
    ///
    /// - Parameters:
    ///   - eventLoop: The event loop of the connection, where the other parameters are called.
    ///   - onMessage: Receives what other clients publish; nil on a connection that does not subscribe.
    ///   - onEnd: Called once when the connection that was opened has ended.
    func open(
        on eventLoop: any EventLoop, onMessage: (@Sendable (RedisMessage) -> Void)?,
        onEnd: @escaping @Sendable (RedisUnavailableError) -> Void
    ) -> EventLoopFuture<RedisConnection> {
        let time = TimeAmount(options.connectDeadline)
        let deadline = eventLoop.now + time
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(time)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(tls.makeHandler()) }
                }
            }
            .connect(host: address.host, port: address.port)
            .flatMap { channel in
                let rest = max(deadline - eventLoop.now, .milliseconds(1))
                return shakeHands(on: channel, deadline: rest, onMessage: onMessage, onEnd: onEnd)
            }
    }

    /// Makes a connection of a channel that is open.
    func shakeHands(
        on channel: any Channel, deadline: TimeAmount, onMessage: (@Sendable (RedisMessage) -> Void)?,
        onEnd: @escaping @Sendable (RedisUnavailableError) -> Void
    ) -> EventLoopFuture<RedisConnection> {
        let ready = channel.eventLoop.makePromise(of: RedisServer.self)
        do {
            let handshake = RedisHandshake(address, name: options.name)
            let handler = RedisHandshakeHandler(handshake, deadline: deadline, ready: ready)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([RedisReplyDecoder(sizeLimit: options.replySizeLimit), handler])
        } catch {
            // The channel has ended in the meantime.
            ready.fail(error)
        }
        return ready.futureResult.flatMapThrowing { server in
            let pipeline = channel.pipeline.syncOperations
            let handler = RedisCommandHandler(options, onMessage: onMessage, onEnd: onEnd)
            try pipeline.addHandler(handler)
            let handshake = try pipeline.handler(type: RedisHandshakeHandler.self)
            pipeline.removeHandler(handshake, promise: nil)
            return RedisConnection(server, channel: channel, handler: handler)
        }
    }
}
