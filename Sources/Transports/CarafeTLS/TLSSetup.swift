import CarafeHTTP2
import CarafeServer
import NIOCore
import NIOSSL

/// Sets up connections with TLS, and above it the version of HTTP that was negotiated.
struct TLSSetup: ConnectionSetup {
    let tls: TLS

    func configure(_ connection: AcceptedConnection) throws {
        let pipeline = connection.channel.pipeline.syncOperations
        let configuration = connection.service.configuration
        let context = tls.files.context(at: connection.channel.eventLoop.now, logger: configuration.logger)
        try pipeline.addHandler(NIOSSLServerHandler(context: context), name: encryptionHandlerName)
        try pipeline.addHandler(
            HandshakeWatch(timeout: connection.service.times[.head]) { version in
                switch version {
                case .http1: try connection.startHTTP1(isSecure: true)
                case .http2: try HTTP2Setup(connection, limits: tls.http2Limits).configure()
                }
            })
    }
}
