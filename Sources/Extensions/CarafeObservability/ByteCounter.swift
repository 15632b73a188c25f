import CarafeHTTP
import CoreMetrics
import NIOCore

/// A handler that counts a WebSocket's bytes in both directions, its opening and its end.
final class ByteCounter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let series: RequestSeries
    private var hasEnded = false

    init(_ series: RequestSeries) {
        self.series = series
    }

    func handlerAdded(context: ChannelHandlerContext) {
        series.openSockets.increment()
        series.openedSockets.increment()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        series.openSockets.decrement()
        if !hasEnded { series.noteClose(Self.abnormal) }
    }

    /// RFC 6455 §7.1.5: 1006 stands for an end without a close frame.
    private static let abnormal = 1006

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let end = event as? UpgradeEnded else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        hasEnded = true
        series.noteClose(end.code)
        promise?.succeed()
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
