import FoundationEssentials

/// A certificate for `localhost` and 127.0.0.1 that nobody has signed but itself, and its key.
package struct SelfMadeCertificate: Sendable {
    package let certificate: String
    package let key: String

    /// Makes both in a folder of that name below `folder`.
    package init(in folder: TemporaryFolder, named name: String = "tls") async throws {
        let path = "\(folder.path)/\(name)"
        let script = URL(filePath: #filePath).appending(path: "../../../.ci/certificate").standardized.path
        let status = try await ForeignProgram(script, [path]).end()
        guard status == 0 else { throw OpenSSLError(status: status) }
        certificate = path + "/certificate.pem"
        key = path + "/key.pem"
    }
}

struct OpenSSLError: Error {
    let status: Int32
}
