/// A cookie that a response sets (RFC 6265 §4.1); the defaults are the safe ones.
public struct Cookie: Sendable, Hashable {
    /// Whether the browser sends the cookie with requests that other sites start.
    public enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
        case none = "None"
    }

    /// Of ASCII characters without separators (RFC 6265 §4.1.1).
    public var name: String
    /// Any text; it is percent-encoded where a cookie cannot hold it.
    public var value: String
    /// Below which the browser sends it.
    public var path: String
    /// Nil keeps it to the host that set it.
    public var domain: String?
    /// Seconds; nil lasts until the browser closes, 0 removes the cookie.
    public var maxAge: Int?
    /// Whether it is sent over TLS only; a cookie that is set over TLS always is.
    public var isSecure: Bool
    /// Whether it is hidden from scripts.
    public var isHTTPOnly: Bool
    /// Whether requests from other sites carry it.
    public var sameSite: SameSite

    /// A cookie of this site's own pages, hidden from scripts, until the browser closes.
    public init(
        _ name: String, _ value: String, path: String = "/", domain: String? = nil, maxAge: Int? = nil,
        isSecure: Bool = false, isHTTPOnly: Bool = true, sameSite: SameSite = .lax
    ) {
        self.name = name
        self.value = value
        self.path = path
        self.domain = domain
        self.maxAge = maxAge
        self.isSecure = isSecure
        self.isHTTPOnly = isHTTPOnly
        self.sameSite = sameSite
    }

    /// The value of the `Set-Cookie` field.
    ///
    /// What a cookie's value cannot hold (RFC 6265 §4.1.1), and `%`, is percent-encoded; reading a cookie decodes it.
    public var field: String {
        var text = "\(name)=\(Self.encode(value)); Path=\(path); SameSite=\(sameSite.rawValue)"
        if let domain { text += "; Domain=\(domain)" }
        if let maxAge { text += "; Max-Age=\(maxAge)" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        return text
    }

    /// The names and values of a request's `Cookie` field; of a repeated name the first counts, as it is the one
    /// with the longest path (RFC 6265 §5.4).
    package static func parse(_ field: String) -> [String: String] {
        var cookies: [String: String] = [:]
        for pair in field.split(separator: ";") {
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // RFC 6265 §4.1.1: a name is ASCII.
            guard parts.count == 2, parts[0].utf8.allSatisfy({ $0 < 0x80 }), cookies[String(parts[0])] == nil else {
                continue
            }
            cookies[String(parts[0])] = percentDecoded(parts[1]) ?? String(parts[1])
        }
        return cookies
    }

    private static func encode(_ value: String) -> String {
        value.utf8.reduce(into: "") { text, byte in
            if byte > 0x20, byte < 0x7F, !"\",;\\%".utf8.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
