import NIOCore
import NIOHTTP2

/// Lets what took over a stream send and receive bytes, as it would on a connection (RFC 8441 §5).
// Lives on its channel's event loop.
final class HTTP2Tunnel: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    private var isOutputClosed = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .data(let data):
            guard case .byteBuffer(let bytes) = data.data else { return }
            if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
            if data.endStream { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        // RFC 9113 §8.5: "Frame types other than DATA or stream management frames […] MUST be treated as a stream
        // error".
        case .headers, .pushPromise:
            context.writeAndFlush(wrapOutboundOut(.rstStream(.protocolError)), promise: nil)
        default: break
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(unwrapOutboundIn(data))))), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output || mode == .all, !isOutputClosed else {
            return context.close(mode: mode, promise: promise)
        }
        isOutputClosed = true
        let end = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))
        context.writeAndFlush(wrapOutboundOut(end), promise: mode == .output ? promise : nil)
        guard mode == .all else { return }
        // RFC 8441 §5: an orderly end is END_STREAM. In a turn of its own, since a flush that is asked for inside
        // another one comes after it, and a channel that is closed before is reset.
        context.eventLoop.assumeIsolated().execute { context.close(promise: promise) }
    }
}
