import CarafeHTTP
import CarafeRuntime
import NIOCore
import NIOTLS

/// Waits for the end of the TLS handshake, which tells the version of HTTP (RFC 7301), and not for ever.
// Lives on its channel's event loop.
final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    enum Version {
        case http1
        case http2

        /// RFC 9113 §3.2: "h2" is HTTP/2 over TLS; a client that does not negotiate speaks HTTP/1.1.
        init(_ negotiated: String?) { self = negotiated == "h2" ? .http2 : .http1 }
    }

    private let timeout: TimeAmount
    private let start: (Version) throws -> Void
    private var timer: DeadlineTimer?

    init(timeout: TimeAmount, start: @escaping (Version) throws -> Void) {
        self.timeout = timeout
        self.start = start
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = DeadlineTimer(eventLoop: context.eventLoop) { channel.close(promise: nil) }
        timer?.set(in: timeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiated):
            timer?.cancel()
            do {
                try start(Version(negotiated))
                context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            } catch {
                context.close(promise: nil)
            }
        // The server stops, and nothing was asked yet.
        case is ChannelShouldQuiesceEvent: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// A handshake that fails is the client's matter.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
