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

    /// What one HTTP/2 connection may cost.
    public var http2Limits = HTTP2Limits()

    /// Reads PEM files: the chain with the server's own certificate first, and its private key.
    ///
    /// Paths are absolute or relative to the working directory. Without `http2` all clients speak HTTP/1.1. Throws `TLSError` where a file is missing or is not
    /// what it should be.
    public init(certificate: String, key: String, http2: Bool = true) throws {
        files = try CertificateFiles(
            certificate: certificate, key: key, protocols: http2 ? ["h2", "http/1.1"] : ["http/1.1"])
    }
}

extension ServerConfiguration {
    /// How connections are encrypted; nil for not at all.
    public var tls: TLS? {
        get { (connectionSetup as? TLSSetup)?.tls }
        set { connectionSetup = newValue.map(TLSSetup.init) }
    }
}
