import CarafeApp
import CarafeHTTP
import FoundationEssentials
import HTTPTypes
import NIOCore

/// Makes the tokens of pages, and checks requests against them.
struct CSRFChecker: Sendable {
    let signer: Signer
    let exempt: [String]

    // MARK: The token

    /// Returns a random text with a signature of it and the session's id.
    func makeToken(for session: Session) -> String {
        session.establish()
        return signer.sign(Data.random(16) + Data(session.id.utf8))
    }

    private func isValid(_ token: String, for session: Session) -> Bool {
        guard let bytes = signer.open(token), bytes.count > 16 else { return false }
        return bytes.dropFirst(16) == Data(session.id.utf8)
    }

    // MARK: The check

    func check(_ request: inout Request) async throws {
        guard ![.get, .head, .options, .trace].contains(request.method), !isExempt(request.target.path) else { return }
        try checkSite(of: request)
        switch try await findToken(in: &request) {
        case .found(let token):
            if isValid(token, for: try await request.session) { return }
            throw HTTPError(
                .forbidden,
                "Expected a csrf_token of this client's session, found one of another session or one that was changed: "
                    + "load the page again and send it from there.")
        case .missing:
            throw HTTPError(
                .forbidden,
                "Expected a token of the page, found none: send csrf_token in the form, or the field X-CSRF-Token.")
        case .notFirst(let name):
            throw HTTPError(
                .forbidden,
                "Expected csrf_token as the first field of a form with files, found \(name.debugDescription) before it: "
                    + "move it to the top of the form, or send the field X-CSRF-Token.")
        }
    }

    private func isExempt(_ path: String) -> Bool {
        exempt.contains { path.utf8.starts(with: $0.utf8) && ($0.hasSuffix("/") || path.utf8.count == $0.utf8.count) }
    }

    /// Checks the claims of the browser about the origin of the request.
    private func checkSite(of request: Request) throws {
        guard request.headers.contains(.secFetchSite) else { return try request.checkOrigin(.sameHost) }
        // Fetch Metadata §2.3: the browser has compared the origins itself, even if it hides this page's (`Origin:
        // null` under `no-referrer`, Fetch §3.1.1) or a proxy has changed Host; "none" is the user's own navigation.
        // The token decides.
        guard let site = request.headers.ascii(.secFetchSite), ["same-origin", "none"].contains(site) else {
            throw HTTPError(.forbidden, "Expected a page of this site, found one of another site (Sec-Fetch-Site).")
        }
    }

    // MARK: Where the token is

    private enum Finding {
        case found(String)
        case missing
        /// A form with files that begins with another field.
        case notFirst(String)

        /// Creates a finding. An empty token counts as missing.
        init(_ token: String?) {
            self = token.map { $0.isEmpty ? .missing : .found($0) } ?? .missing
        }
    }

    private func findToken(in request: inout Request) async throws -> Finding {
        if let token = request.headers[.csrfToken] { return Finding(token) }
        switch ParameterizedValue(request.headers[.contentType]?[...] ?? "").value {
        case "multipart/form-data": return try await firstField(of: &request)
        case "application/x-www-form-urlencoded":
            let bytes = try await request.body.collect()
            // Put back for the handler, which reads it again.
            let limit = request.body.limit
            request.body = RequestBody(bytes)
            request.body.limit = limit
            return Finding(Form.first("csrf_token", in: bytes))
        default: return .missing
        }
    }

    /// The largest field in bytes that may be a token; a real one is shorter.
    private static let tokenLimit = 1 << 10

    /// Reads the token from the first field of a form with files, and no further. The handler reads the form from its
    /// beginning.
    ///
    /// The bytes read are bounded by the parser's limits before a part and in its head, and by the token's length, so
    /// that the result does not depend on the pieces in which the body arrives.
    private func firstField(of request: inout Request) async throws -> Finding {
        var parser = MultipartParser(try Delimiter(contentType: request.headers[.contentType]))
        var pieces = request.body.makeAsyncIterator()
        var read = ByteBuffer()
        defer { request.body.putBack(read) }
        var token: ByteBuffer?
        while true {
            switch try parser.next() {
            case nil:
                guard let piece = try await pieces.next() else { return .missing }
                read.writeImmutableBuffer(piece)
                parser.receive(piece)
            case .head(let head):
                guard head.name.hasBytes(of: "csrf_token"), head.fileName == nil else { return .notFirst(head.name) }
                token = ByteBuffer()
            case .data(let bytes):
                token?.writeImmutableBuffer(bytes)
                // Too long for a token of this app.
                if let token, token.readableBytes > Self.tokenLimit { return .found("") }
            case .end: return Finding(token.map { String(decoding: $0.readableBytesView, as: UTF8.self) })
            }
        }
    }
}

extension HTTPField.Name {
    // Force-unwrap is safe: these literals are valid field names.
    fileprivate static let csrfToken = HTTPField.Name("X-CSRF-Token")!
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
