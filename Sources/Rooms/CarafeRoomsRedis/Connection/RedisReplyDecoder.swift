import CarafeRedisCodec
import NIOCore

/// Makes replies of a connection's bytes; bytes that are no reply end the connection.
final class RedisReplyDecoder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = RedisReply

    private var reader: RedisReplyReader

    init(sizeLimit: Int) {
        reader = RedisReplyReader(sizeLimit: sizeLimit)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try reader.append(unwrapInboundIn(data))
            while let reply = try reader.next() { context.fireChannelRead(wrapInboundOut(reply)) }
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}
