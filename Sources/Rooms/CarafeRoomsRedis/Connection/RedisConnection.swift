package import CarafeRedisCodec
import NIOCore

/// A connection whose handshake is done.
// Unchecked: the handler is used on the channel's event loop only.
package final class RedisConnection: @unchecked Sendable {
    /// The process at the other end.
    package let server: RedisServer
    private let channel: any Channel
    private let handler: RedisCommandHandler

    init(_ server: RedisServer, channel: any Channel, handler: RedisCommandHandler) {
        self.server = server
        self.channel = channel
        self.handler = handler
    }

    /// Sends a command.
    ///
    /// - Parameter onReply: Called once, on the connection's event loop; an error of Redis is a reply too.
    package func send(
        _ command: RedisCommand, onReply: @escaping @Sendable (Result<RedisReply, RedisUnavailableError>) -> Void
    ) {
        if channel.eventLoop.inEventLoop {
            handler.send(command, onReply: onReply)
        } else {
            channel.eventLoop.execute { self.handler.send(command, onReply: onReply) }
        }
    }

    /// Closes the connection; commands that are pending fail with the reason.
    package func close(_ reason: RedisUnavailableError) {
        if channel.eventLoop.inEventLoop {
            handler.end(reason)
        } else {
            channel.eventLoop.execute { self.handler.end(reason) }
        }
    }
}
