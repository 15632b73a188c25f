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
        try pipeline.addHandler(NIOSSLServerHandler(context: context), name: encryptionHandlerName)
        try pipeline.addHandler(
            HandshakeWatch(timeout: configuration.timeouts.head) { version in
                switch version {
                case .http1: try connection.startHTTP1(isSecure: true)
                case .http2: try HTTP2Start(connection: connection, limits: tls.http2Limits).start()
                }
            })
    }
}
