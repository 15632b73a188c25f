import NIOCore
import NIOSSL

/// Encrypts a client's connection, and checks that the server is the one that the URL names.
struct ClientTLS: Sendable {
    /// The system's certificates are read once.
    private static let system = Result { try context(trusting: .default) }

    private let context: NIOSSLContext
    private let name: String?

    init(_ url: WebSocketURL, _ options: WebSocketClientOptions) throws {
        // RFC 6066 §3: an address is no server name; the certificate is held against the peer's address then.
        name = (try? SocketAddress(ipAddress: url.host, port: url.port)) == nil ? url.host : nil
        guard let file = options.trustedCertificates else {
            context = try Self.system.get()
            return
        }
        do {
            context = try Self.context(trusting: .file(file))
        } catch {
            throw WebSocketClientError.insecure("\(file): expected certificates in PEM")
        }
    }

    private static func context(trusting roots: NIOSSLTrustRoots) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = roots
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    func makeHandler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: name)
    }

    /// The problem, if the error is one of TLS.
    static func problem(in error: any Error) -> String? {
        switch error {
        case let error as NIOSSLExtraError: error.description
        case NIOSSLError.handshakeFailed(let cause): "\(cause)"
        default: nil
        }
    }
}
