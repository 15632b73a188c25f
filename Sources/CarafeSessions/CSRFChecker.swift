import CarafeApp
import CarafeMultipartCodec
import FoundationEssentials
import HTTPTypes
import NIOCore

/// Makes tokens for pages, and holds requests against them.
struct CSRFChecker: Sendable {
    let signer: Signer
    let exempt: [String]

    // MARK: The token

    /// The signature of the session's id and a text of its own.
    func makeToken(for session: Session) -> String {
        session.establish()
        return signer.sign(Data.random(16) + Data(session.id.utf8))
    }

    private func isGood(_ token: String, for session: Session) -> Bool {
        guard let bytes = signer.open(token), bytes.count > 16 else { return false }
        return bytes.dropFirst(16) == Data(session.id.utf8)
    }

    // MARK: The check

    func check(_ request: inout Request) async throws {
        guard ![.get, .head, .options, .trace].contains(request.method), !isExempt(request.target.path) else { return }
        try checkSite(of: request)
        let session = try request.session
        guard let token = try await token(in: &request), isGood(token, for: session) else {
            throw HTTPError(
                .forbidden,
                "Expected a token of this page's own: send csrf_token in the form, before its files, or X-CSRF-Token.")
        }
    }

    private func isExempt(_ path: String) -> Bool {
        exempt.contains { path.utf8.starts(with: $0.utf8) && ($0.hasSuffix("/") || path.utf8.count == $0.utf8.count) }
    }

    /// What a browser says of where the request comes from.
    private func checkSite(of request: Request) throws {
        // Fetch Metadata §2.3: "none" is the person itself.
        if let site = request.headers.ascii(.secFetchSite), !["same-origin", "none"].contains(site) {
            throw HTTPError(.forbidden, "Expected a page of this site.")
        }
        guard let origin = request.headers.ascii(.origin) else { return }
        let host = request.host ?? ""
        // RFC 6454 §7: scheme and host; the scheme may be the one before a proxy.
        guard ["http://", "https://"].contains(where: { origin.lowercased() == $0 + host.lowercased() }) else {
            throw HTTPError(.forbidden, "Expected a page of this site.")
        }
    }

    private func token(in request: inout Request) async throws -> String? {
        if let token = request.headers.ascii(.csrfToken) { return token }
        let type = request.headers.ascii(.contentType)?.lowercased() ?? ""
        if type.hasPrefix("multipart/form-data") { return try await firstField(of: &request) }
        guard type.hasPrefix("application/x-www-form-urlencoded") else { return nil }
        let bytes = try await request.body.collect()
        // For the handler, which reads it again.
        let limit = request.body.limit
        request.body = RequestBody(bytes)
        request.body.limit = limit
        return Form(String(decoding: bytes.readableBytesView, as: UTF8.self))["csrf_token"]
    }

    /// Bytes of a form with files that are read to find the token.
    private static let headRoom = 16 << 10

    /// The token as the first field of a form with files, which is not read further; the handler reads it from its
    /// beginning.
    private func firstField(of request: inout Request) async throws -> String? {
        var parser = MultipartParser(try Delimiter(contentType: request.headers.ascii(.contentType)))
        var pieces = request.body.makeAsyncIterator()
        var read = ByteBuffer()
        defer { request.body.putBack(read) }
        var token: String?
        while read.readableBytes <= Self.headRoom {
            switch try parser.next() {
            case nil:
                guard let piece = try await pieces.next() else { return nil }
                read.writeImmutableBuffer(piece)
                parser.receive(piece)
            case .head(let head) where head.name == "csrf_token" && head.fileName == nil: token = ""
            case .head: return nil
            case .data(let bytes): token?.append(String(decoding: bytes.readableBytesView, as: UTF8.self))
            case .end: return token
            }
        }
        return nil
    }
}

extension HTTPField.Name {
    // Both are tokens, so that there are names.
    fileprivate static let csrfToken = HTTPField.Name("X-CSRF-Token")!
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
