public import CarafeHTTP
public import HTTPTypes

/// A reply that sends the client to another address.
public struct Redirect: Reply, Sendable {
    /// The target, as it was given. `Location` has it percent-encoded.
    public let location: String
    /// The status, one of the 3xx.
    public let status: HTTPResponse.Status
    private let isExternal: Bool

    init(_ location: String, _ status: HTTPResponse.Status, isExternal: Bool) {
        self.location = location
        self.status = status
        self.isExternal = isExternal
    }

    /// Responds with `Location`, percent-encoded where a URL requires it (RFC 9110 §10.2.2, RFC 3986 §2.1). Existing
    /// escapes stay.
    ///
    /// - Throws: `RedirectError`, which the client gets as 500.
    public func response(to request: Request) throws -> Response {
        guard isExternal ? Self.isURL(location) : Self.isPath(location) else {
            throw RedirectError(location: location, isExternal: isExternal)
        }
        return Response(
            status, headers: [.location: isExternal ? Self.encodedURL(location) : URIText.encoded(location)])
    }

    /// Returns the URL percent-encoded, except for its host, whose brackets belong to it.
    private static func encodedURL(_ text: String) -> String {
        let end = authorityEnd(text)
        return String(text[..<end]) + URIText.encoded(text[end...])
    }

    /// The index at which the path, the query or the fragment of a URL begins.
    private static func authorityEnd(_ text: String) -> String.Index {
        let start = text.utf8.firstIndex(of: UInt8(ascii: ":")).map { text.utf8.index($0, offsetBy: 3) }
        return start.flatMap { text.utf8[$0...].firstIndex { "/?#".utf8.contains($0) } } ?? text.endIndex
    }

    /// Whether the text is a path of this site. Browsers take `//host` and `/\host` for another site, and ignore tabs
    /// and line ends before that (WHATWG URL §4.4).
    private static func isPath(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "/"), !bytes.contains(where: isControl) else { return false }
        let second = bytes.dropFirst().first
        return second != UInt8(ascii: "/") && second != UInt8(ascii: "\\")
    }

    /// Whether the text begins with `http` or `https`, two slashes and a host in ASCII.
    private static func isURL(_ text: String) -> Bool {
        let length = ["https://", "http://"].first {
            Substring(text.utf8.prefix($0.utf8.count)).hasBytesIgnoringCase(of: $0)
        }
        guard let length = length?.utf8.count else { return false }
        let authority = text[..<authorityEnd(text)].utf8.dropFirst(length)
        guard let first = authority.first, !"\\@:".utf8.contains(first), !text.utf8.contains(where: isControl) else {
            return false
        }
        return authority.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !text.utf8.contains(UInt8(ascii: "\\"))
    }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
}

/// Redirects the client to a path of this site.
///
/// A text that leads to another site, `//evil.example` or `https://…`, is an error and not a redirect. So text from a
/// client, such as `request.query["next"]`, is safe here.
///
/// - Parameters:
///   - path: The path and query, such as `/there?page=2`.
///   - status: One of the 3xx. 303 makes the next request a GET, so that a form is not sent twice.
/// - Returns: The reply.
public func redirect(_ path: String, _ status: HTTPResponse.Status = .seeOther) -> Redirect {
    Redirect(path, status, isExternal: false)
}

/// Redirects the client to another site: `redirect(external: "https://example.com/")`. Never pass text from a client.
///
/// - Parameters:
///   - url: The absolute URL.
///   - status: One of the 3xx.
/// - Returns: The reply.
public func redirect(external url: String, _ status: HTTPResponse.Status = .seeOther) -> Redirect {
    Redirect(url, status, isExternal: true)
}

/// An error for a redirect that does not lead where it should.
public struct RedirectError: Error, Equatable, CustomStringConvertible {
    /// The target of the redirect.
    public var location: String
    /// Whether the redirect was meant for another site.
    public var isExternal: Bool

    /// A description with the expected and the found target.
    public var description: String {
        isExternal
            ? "expected an http or https URL for redirect(external:), found \(location.debugDescription); a host with "
                + "letters beyond ASCII is written in Punycode (xn--…)"
            : "expected a path of this site such as \"/there\" for redirect, found \(location.debugDescription); "
                + "another site is redirect(external:)"
    }
}
