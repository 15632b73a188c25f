public import CarafeHTTP2
public import CarafeServer
import NIOCore

/// Encrypts a server's connections: TLS 1.2 and 1.3 (RFC 8446), with HTTP/2 for the clients that know it (RFC 9113).
///
/// ```swift
/// var configuration = ServerConfiguration(port: 8443)
/// configuration.tls = try TLS(certificate: "chain.pem", key: "key.pem")
/// await app.run(configuration)
/// ```
///
/// The files are read again when they change, so that a renewed certificate needs no restart; new connections get it.
public struct TLS: Sendable {
    let files: CertificateFiles

    /// Limits of one HTTP/2 connection.
    public var http2Limits = HTTP2Limits()

    /// Reads PEM files: the chain with the server's own certificate first, and its private key.
    ///
    /// - Parameters:
    ///   - certificate: the path of the chain, absolute or relative to the working directory.
    ///   - key: the path of the private key.
    ///   - http2: whether HTTP/2 is offered; without it all clients speak HTTP/1.1.
    /// - Throws: `TLSError` if a file is missing or malformed.
    public init(certificate: String, key: String, http2: Bool = true) throws {
        files = try CertificateFiles(
            certificate: certificate, key: key, protocols: http2 ? ["h2", "http/1.1"] : ["http/1.1"])
    }
}

extension ServerConfiguration {
    /// The encryption of connections; nil for none.
    public var tls: TLS? {
        get { (connectionSetup as? TLSSetup)?.tls }
        set { connectionSetup = newValue.map(TLSSetup.init) }
    }
}
