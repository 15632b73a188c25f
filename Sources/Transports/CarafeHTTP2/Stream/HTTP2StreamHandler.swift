import NIOCore
import NIOHTTP2

/// Carries the events of a stream's channel to the stream.
// Lives on its channel's event loop.
final class HTTP2StreamHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let stream: HTTP2Stream

    init(_ stream: HTTP2Stream) {
        self.stream = stream
    }

    func handlerAdded(context: ChannelHandlerContext) { stream.start(in: context) }

    func handlerRemoved(context: ChannelHandlerContext) { stream.release() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { stream.receive(unwrapInboundIn(data)) }

    func read(context: ChannelHandlerContext) { stream.read() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stream.writabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { stream.stop() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stream.channelEnded()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { stream.failed(error) }
}
