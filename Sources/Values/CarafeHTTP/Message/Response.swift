public import HTTPTypes
public import Logging

/// The response to a request.
///
/// The server sets `Content-Length` or `Transfer-Encoding`, `Date` and `Connection` when it sends the response.
public struct Response: Sendable {
    /// The status, which is sent with its phrase.
    public var status: HTTPResponse.Status
    /// The header fields of the app.
    public var headers: HTTPFields
    /// The body, which is sent after the head.
    public var body: ResponseBody

    /// Whether the body continues until the client leaves or the server stops.
    ///
    /// When the server begins to stop, or the client closes its sending side, the task that makes the body is
    /// cancelled. The bytes that it writes after that are sent.
    public var isEndless = false

    /// The protocol to which the connection changes with this response, whose status is then 101.
    public var upgrade: Upgrade?

    /// The metadata that the line of the access log carries beside the request's id. The metadata of the request's
    /// logger is added by itself.
    public var logMetadata: Logger.Metadata {
        get { notes ?? [:] }
        set { notes = newValue }
    }

    // Nil in most responses: an empty dictionary would be retained with each copy.
    private var notes: Logger.Metadata?

    /// The facts about the client that a trusted proxy stated, for the access log.
    package var forwarding: Forwarding?

    /// The closures to call when the response was sent.
    var end: ResponseEnd?

    /// The representation that a 304 stands for.
    package var unsent: UnsentRepresentation?

    /// Creates a response from its parts.
    public init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: ResponseBody = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Creates a response with plain text in UTF-8.
    public init(_ status: HTTPResponse.Status = .ok, text: String) {
        self.init(status, headers: Self.plainText, body: .text(text))
    }

    /// Creates a response with a page in UTF-8.
    public init(_ status: HTTPResponse.Status = .ok, html: String) {
        self.init(status, headers: Self.html, body: .text(html))
    }

    /// Creates a response whose body is produced while it is sent.
    ///
    /// The stream runs in a task of its own, after all middleware has returned; it sees the task-local values that a
    /// middleware has bound around `next`.
    public init(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
        stream: @escaping @Sendable (BodyWriter) async throws -> Void
    ) {
        self.init(status, headers: headers, body: .stream(stream))
    }

    /// Creates a 304 instead of a 200 with these fields and a body of this length.
    ///
    /// RFC 9110 §15.4.5: "a sender SHOULD NOT generate representation metadata other than the above listed fields"; the
    /// date is one of them without a tag.
    package static func notModified(_ fields: HTTPFields, length: Int) -> Response {
        var response = Response(.notModified, headers: fields)
        response.unsent = fields[.contentType].map { UnsentRepresentation(type: $0, length: length) }
        for name in [
            HTTPField.Name.contentType, .contentEncoding, .contentLanguage, .contentDisposition, .acceptRanges,
        ] {
            response.headers[name] = nil
        }
        if fields[.eTag] != nil { response.headers[.lastModified] = nil }
        return response
    }

    /// Sets a cookie beside those that are set; a cookie that is set already gets the new value.
    ///
    /// - Parameter cookie: The cookie.
    /// - Throws: `CookieError` for a cookie that no browser would take, and for a second one of its name with another
    ///   path or domain.
    public mutating func setCookie(_ cookie: Cookie) throws(CookieError) {
        try cookie.check()
        // RFC 6265bis §4.1.1: "Servers MUST NOT include more than one Set-Cookie header field in the same response with
        // the same cookie-name."
        let known = headers[values: .setCookie]
        if known.contains(where: { SetCookieField($0).name.hasBytes(of: cookie.name) }) {
            try replace(cookie, in: known)
        } else {
            headers.append(HTTPField(name: .setCookie, value: cookie.field))
        }
    }

    private mutating func replace(_ cookie: Cookie, in known: [String]) throws(CookieError) {
        let new = SetCookieField(cookie.field)
        var kept: [String] = []
        for field in known {
            let old = SetCookieField(field)
            if !old.name.hasBytes(of: cookie.name) {
                kept.append(field)
            } else if old["path"] != new["path"] || old["domain"] != new["domain"] {
                throw CookieError(
                    name: cookie.name,
                    problem: "expected one cookie of this name in a response, found two of different paths or domains")
            }
        }
        headers[values: .setCookie] = kept + [cookie.field]
    }

    /// Adds the metadata of the request's logger. Keys that are set here already stay: they are nearer to the handler.
    package mutating func noteMetadata(of request: Request) {
        guard let metadata = request.logMetadata else { return }
        logMetadata.merge(metadata) { own, _ in own }
    }

    /// Restricts the cookies that it sets to encrypted connections (RFC 6265bis §4.1.2.5).
    package mutating func secureCookies() {
        let cookies = headers[values: .setCookie]
        guard !cookies.isEmpty else { return }
        headers[values: .setCookie] = cookies.map { cookie in
            SetCookieField(cookie)["secure"] == nil ? cookie + "; Secure" : cookie
        }
    }

    /// Adds a field of the request to `Vary`: the response depends on it (RFC 9110 §12.5.5).
    public mutating func addVary(_ name: HTTPField.Name) {
        let varying = headers[.vary].map { FieldValue.parts(of: $0[...], at: ",") } ?? []
        guard !varying.contains(where: { $0.hasBytes(of: "*") || $0.hasBytesIgnoringCase(of: name.rawName) }) else {
            return
        }
        headers.append(HTTPField(name: .vary, value: name.rawName))
    }

    /// Makes caches revalidate the response before they use it again (RFC 9111 §5.2.2.4), and keeps a private response
    /// out of shared caches (§5.2.2.7), unless the response has its own `Cache-Control`.
    ///
    /// Several extensions may call it, in any order.
    package mutating func limitCaching(isPrivate: Bool = false) {
        let known = headers[.cacheControl]
        if known == nil || isPrivate && known == "no-cache" {
            headers[.cacheControl] = isPrivate ? "private, no-cache" : "no-cache"
        }
    }

    // Shared by all responses of their kind, so that a response costs no list of its own.
    private static let plainText: HTTPFields = [.contentType: "text/plain; charset=utf-8"]
    private static let html: HTTPFields = [.contentType: "text/html; charset=utf-8"]
    package static let json: HTTPFields = [.contentType: "application/json"]
}

/// The representation that a 304 says the client has.
package final class UnsentRepresentation: Sendable {
    package let type: String
    package let length: Int

    package init(type: String, length: Int) {
        self.type = type
        self.length = length
    }
}
