import CarafeHTTP
import CarafeRuntime
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// A certificate and its key in files, read again when one of them has changed.
final class CertificateFiles: Sendable {
    /// The content of the files.
    private struct Content: Equatable {
        var chain: [NIOSSLCertificate]
        var key: NIOSSLPrivateKey
    }

    private struct State {
        var content: Content
        var context: NIOSSLContext
        /// The state of the files when they were last read, with or without success.
        var stamps: [FileStatus?]
        var nextLook: NIODeadline
    }

    /// The shortest time from one look at the files to the next.
    private static let interval = TimeAmount.seconds(1)

    /// For TLS 1.2, Mozilla's intermediate list: forward secrecy and AEAD only, as all of TLS 1.3's suites (RFC 9325
    /// §4.2).
    private static let cipherSuites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    private let certificate: String
    private let key: String
    private let protocols: [String]
    private let state: Mutex<State>

    /// `protocols` are offered to clients in this order (RFC 7301).
    init(certificate: String, key: String, protocols: [String]) throws {
        self.certificate = certificate
        self.key = key
        self.protocols = protocols
        let stamps = [FileStatus(certificate), FileStatus(key)]
        let content = try Self.read(certificate: certificate, key: key)
        let context = try Self.makeContext(of: content, protocols: protocols, certificate: certificate, key: key)
        state = Mutex(
            State(content: content, context: context, stamps: stamps, nextLook: .now() + Self.interval))
    }

    /// The context for a new connection.
    ///
    /// Files that cannot be used, such as a new certificate beside the old key, leave it as it was.
    // Reads on the event loop: a millisecond, once for each change.
    func context(at now: NIODeadline, logger: Logger) -> NIOSSLContext {
        state.withLock { state in
            guard now >= state.nextLook else { return state.context }
            state.nextLook = now + Self.interval
            let stamps = [FileStatus(certificate), FileStatus(key)]
            guard stamps != state.stamps else { return state.context }
            state.stamps = stamps
            do {
                let content = try Self.read(certificate: certificate, key: key)
                // Another context has other keys for session tickets: files that were only touched end no session.
                guard content != state.content else { return state.context }
                state.context = try Self.makeContext(
                    of: content, protocols: protocols, certificate: certificate, key: key)
                state.content = content
                logger.notice("the certificate was read again", metadata: ["path": "\(certificate)"])
            } catch {
                logger.error("the old certificate stays in use", metadata: ["error": "\(error)"])
            }
            return state.context
        }
    }

    private static func read(certificate: String, key: String) throws -> Content {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate)
        } catch {
            throw TLSError(path: certificate, problem: "expected a certificate in PEM, found \(fault(certificate))")
        }
        do {
            return Content(chain: chain, key: try NIOSSLPrivateKey(file: key, format: .pem))
        } catch {
            throw TLSError(path: key, problem: "expected a private key in PEM without a password, found \(fault(key))")
        }
    }

    private static func makeContext(
        of content: Content, protocols: [String], certificate: String, key: String
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: content.chain.map { .certificate($0) }, privateKey: .privateKey(content.key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = cipherSuites
        configuration.applicationProtocols = protocols
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TLSError(path: key, problem: "expected the key of \(certificate), found another one")
        }
    }

    private static func fault(_ path: String) -> String {
        FileStatus(path) == nil ? "no file" : "something else"
    }
}
