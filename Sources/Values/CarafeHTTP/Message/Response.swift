public import HTTPTypes
public import Logging

/// The answer to a request.
///
/// `Content-Length` or `Transfer-Encoding`, `Date` and `Connection` are the server's and set when it is sent.
public struct Response: Sendable {
    /// The status; its phrase is sent too.
    public var status: HTTPResponse.Status
    /// The header fields that are the app's.
    public var headers: HTTPFields
    /// The body, which is sent after the head.
    public var body: ResponseBody

    /// Whether the body continues until the client leaves or the server stops.
    ///
    /// When the server begins to stop, or the client closes its sending side, the task that makes the body is
    /// cancelled. The bytes that it writes after that are sent.
    public var isEndless = false

    /// Set when the connection leaves HTTP with this response, whose status is then 101.
    public var upgrade: Upgrade?

    /// The metadata that the line of the access log carries beside the request's id. The metadata of the request's
    /// logger is added by itself.
    public var logMetadata: Logger.Metadata {
        get { notes ?? [:] }
        set { notes = newValue }
    }

    // Nil where nothing was added, as in most: an empty dictionary would be counted with each copy.
    private var notes: Logger.Metadata?

    /// The facts about the client that a trusted proxy stated, for the access log.
    package var forwarding: Forwarding?

    /// The closures to call when the response was sent.
    var end: ResponseEnd?

    /// The representation that a 304 stands for.
    package var unsent: UnsentRepresentation?

    /// A response of its parts.
    public init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: ResponseBody = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Plain text in UTF-8.
    public init(_ status: HTTPResponse.Status = .ok, text: String) {
        self.init(status, headers: Self.plainText, body: .text(text))
    }

    /// A page in UTF-8.
    public init(_ status: HTTPResponse.Status = .ok, html: String) {
        self.init(status, headers: Self.html, body: .text(html))
    }

    /// A body made while it is sent.
    ///
    /// The stream runs in a task of its own, after all middleware has returned; it sees the task-local values that a
    /// middleware has bound around `next`.
    public init(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:],
        stream: @escaping @Sendable (BodyWriter) async throws -> Void
    ) {
        self.init(status, headers: headers, body: .stream(stream))
    }

    /// 304 instead of a 200 with these fields and a body of this length.
    ///
    /// RFC 9110 §15.4.5: "a sender SHOULD NOT generate representation metadata other than the above listed fields"; the
    /// date is one of them where there is no tag.
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

    /// Sets a cookie beside those that are set; one that is set already gets the new value.
    ///
    /// - Throws: `InvalidCookie` for a cookie that no browser would take, and for a second one of its name with another
    ///   path or domain.
    public mutating func setCookie(_ cookie: Cookie) throws(InvalidCookie) {
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

    private mutating func replace(_ cookie: Cookie, in known: [String]) throws(InvalidCookie) {
        let new = SetCookieField(cookie.field)
        var kept: [String] = []
        for field in known {
            let old = SetCookieField(field)
            if !old.name.hasBytes(of: cookie.name) {
                kept.append(field)
            } else if old["path"] != new["path"] || old["domain"] != new["domain"] {
                throw InvalidCookie(
                    name: cookie.name,
                    problem: "expected one cookie of this name in a response, found two of different paths or domains")
            }
        }
        headers[values: .setCookie] = kept + [cookie.field]
    }

    /// Takes over what was added to the request's logger; what stands here already is nearer to the handler, and stays.
    package mutating func noteMetadata(of request: Request) {
        guard let metadata = request.logMetadata else { return }
        logMetadata.merge(metadata) { own, _ in own }
    }

    /// Keeps the cookies that it sets to encrypted connections (RFC 6265bis §4.1.2.5).
    package mutating func secureCookies() {
        let cookies = headers[values: .setCookie]
        guard !cookies.isEmpty else { return }
        headers[values: .setCookie] = cookies.map { cookie in
            SetCookieField(cookie)["secure"] == nil ? cookie + "; Secure" : cookie
        }
    }

    /// Says that the response depends on a field of the request (RFC 9110 §12.5.5).
    public mutating func addVary(_ name: HTTPField.Name) {
        let varying = headers[.vary].map { FieldValue.parts(of: $0[...], at: ",") } ?? []
        guard !varying.contains(where: { $0.hasBytes(of: "*") || $0.hasBytesIgnoringCase(of: name.rawName) }) else {
            return
        }
        headers.append(HTTPField(name: .vary, value: name.rawName))
    }

    /// Keeps caches from using the response again without asking, and those that clients share from keeping it at all
    /// where it is private (RFC 9111 §5.2.2.4, §5.2.2.7), unless the page says itself how it is cached.
    ///
    /// Each of several extensions may call it, in any order.
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
