import CoreMetrics
import NIOCore

/// Counts a WebSocket's bytes both ways, and that it is open.
final class ByteCounter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let series: RequestSeries

    init(_ series: RequestSeries) {
        self.series = series
    }

    func handlerAdded(context: ChannelHandlerContext) {
        series.openSockets.increment()
        series.openedSockets.increment()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        series.openSockets.decrement()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        series.socketBytesReceived.increment(by: unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        series.socketBytesSent.increment(by: unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }
}
