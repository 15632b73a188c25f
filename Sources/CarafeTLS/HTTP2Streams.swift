import NIOCore
import NIOHTTP2

/// The open streams of a connection, to be told when the server stops.
// Unchecked: everything is touched on the connection's event loop only.
final class HTTP2Streams: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = Any

    private var channels: [ObjectIdentifier: any Channel] = [:]

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels[id] = channel
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.channels[id] = nil }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelShouldQuiesceEvent {
            for channel in channels.values { channel.pipeline.fireUserInboundEventTriggered(event) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// RFC 9113 §5.4: an error of one stream is over with its reset, which was sent; one of the connection ends all.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !(error is NIOHTTP2Errors.StreamError) { context.close(promise: nil) }
    }
}
