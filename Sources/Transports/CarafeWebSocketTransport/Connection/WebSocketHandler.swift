import CarafeHTTP
import CarafeWebSocketCodec
package import NIOCore

/// Carries the events of a channel to the WebSocket connection on it.
// Lives on its channel's event loop.
package final class WebSocketHandler: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer

    private let connection: WebSocketConnection

    package init(_ connection: WebSocketConnection) {
        self.connection = connection
    }

    package func handlerAdded(context: ChannelHandlerContext) { connection.start(in: context) }

    package func handlerRemoved(context: ChannelHandlerContext) { connection.channelEnded() }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.receive(unwrapInboundIn(data))
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.writabilityChanged(context.channel.isWritable)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: connection.close(.goingAway, reason: "the server stops")
        case ChannelEvent.inputClosed: connection.inputClosed()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        connection.channelEnded()
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
