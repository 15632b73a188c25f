import NIOCore
import NIOSSL

/// Encrypts a connection, and checks that the server is the one that the address names.
struct RedisTLS: Sendable {
    private let context: NIOSSLContext
    private let name: String?

    init(_ address: RedisAddress, trustedCertificates: String?) throws {
        // RFC 6066 §3: an address is no server name; the certificate is compared with the peer's address then.
        name = (try? SocketAddress(ipAddress: address.host, port: address.port)) == nil ? address.host : nil
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let trustedCertificates { configuration.trustRoots = .file(trustedCertificates) }
        context = try NIOSSLContext(configuration: configuration)
    }

    func makeHandler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: name)
    }
}
