import CarafeServer
import FoundationEssentials
import Logging
import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import CarafeTLS

@Suite("CertificateFiles", .timeLimit(.minutes(10)))
struct CertificateFilesTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("a renewed certificate is read at the next look, a second later; half of a pair changes nothing")
    func reload() async throws {
        let folder = try TemporaryFolder()
        let old = try await SelfMadeCertificate(in: folder, named: "old")
        let new = try await SelfMadeCertificate(in: folder, named: "new")
        try folder.link("chain.pem", to: old.certificate)
        try folder.link("key.pem", to: old.key)
        let files = try CertificateFiles(
            certificate: folder.path + "/chain.pem", key: folder.path + "/key.pem", protocols: [])
        let certificates = try [old, new].map { try NIOSSLCertificate.fromPEMFile($0.certificate)[0] }
        func name(after seconds: Int64) -> String? {
            let context = files.context(at: .now() + .seconds(seconds), logger: quiet)
            guard case .certificate(let certificate)? = context.configuration.certificateChain.first else { return nil }
            return certificates.firstIndex(of: certificate).map { ["old", "new"][$0] }
        }
        #expect(name(after: 0) == "old")
        try folder.remove("chain.pem")
        try folder.link("chain.pem", to: new.certificate)
        #expect(name(after: 10) == "old")
        try folder.remove("key.pem")
        try folder.link("key.pem", to: new.key)
        #expect(name(after: 10) == "old", "not looked at again within a second")
        #expect(name(after: 20) == "new")
        try folder.remove("key.pem")
        #expect(name(after: 30) == "new")
    }

    @Test("files that are written again as they were keep the context, and with it the keys of session tickets")
    func touched() async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        try folder.link("chain.pem", to: made.certificate)
        let files = try CertificateFiles(certificate: folder.path + "/chain.pem", key: made.key, protocols: ["h2"])
        let first = files.context(at: .now(), logger: quiet)
        try folder.remove("chain.pem")
        let text = try String(contentsOf: URL(filePath: made.certificate), encoding: .utf8)
        try folder.write(text, to: "chain.pem")
        #expect(files.context(at: .now() + .seconds(10), logger: quiet) === first)
    }

    @Test("an error names the file, and says what was expected")
    func errors() async throws {
        let folder = try TemporaryFolder()
        let one = try await SelfMadeCertificate(in: folder, named: "one")
        let other = try await SelfMadeCertificate(in: folder, named: "other")
        try folder.write("nonsense", to: "nonsense.pem")
        func problem(_ certificate: String, _ key: String) -> String {
            do {
                _ = try TLS(certificate: certificate, key: key)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        let nonsense = folder.path + "/nonsense.pem"
        #expect(problem("missing.pem", one.key) == "missing.pem: expected a certificate in PEM, found no file")
        #expect(problem(nonsense, one.key) == "\(nonsense): expected a certificate in PEM, found something else")
        #expect(
            problem(one.certificate, nonsense)
                == "\(nonsense): expected a private key in PEM without a password, found something else")
        #expect(
            problem(one.certificate, other.key)
                == "\(other.key): expected the key of \(one.certificate), found another one")
        #expect(problem(one.certificate, one.key) == "none")
    }
}
