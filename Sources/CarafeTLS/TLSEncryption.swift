import CarafeServer
import NIOCore
import NIOSSL

/// Puts TLS below HTTP.
struct TLSEncryption: ServerEncryption {
    let tls: TLS

    func begin(_ connection: NewConnection) throws {
        let pipeline = connection.channel.pipeline.syncOperations
        let configuration = connection.service.configuration
        let context = tls.files.context(at: connection.channel.eventLoop.now, logger: configuration.logger)
        try pipeline.addHandler(TLSAbort())
        try pipeline.addHandler(NIOSSLServerHandler(context: context))
        try pipeline.addHandler(
            HandshakeWatch(timeout: configuration.timeouts.head) { version in
                switch version {
                case .http1: try connection.startHTTP1(isSecure: true)
                case .http2: try HTTP2Start(connection: connection, limits: tls.http2Limits).start()
                }
            })
    }
}

/// Closes the socket below TLS, without the closure alert.
///
/// RFC 9112 §9.8: "A response that has neither chunked transfer coding nor Content-Length is complete only if a valid
/// closure alert has been received."
// Lives on its channel's event loop.
private final class TLSAbort: ChannelOutboundHandler {
    typealias OutboundIn = Any

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is ConnectionAbort else { return context.triggerUserOutboundEvent(event, promise: promise) }
        context.close(promise: promise)
    }
}
