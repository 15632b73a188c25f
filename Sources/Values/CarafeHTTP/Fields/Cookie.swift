/// A cookie that a response sets (RFC 6265bis §4.1). The defaults are safe.
public struct Cookie: Sendable, Hashable {
    /// Whether the browser sends the cookie with requests that other sites start.
    public enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
        case none = "None"
    }

    /// The name: ASCII characters without separators (RFC 6265 §4.1.1).
    public var name: String
    /// The value: any text. Characters that a cookie cannot have are percent-encoded.
    public var value: String
    /// The path below which the browser sends the cookie.
    public var path: String
    /// The domain, such as `example.org`, with all hosts below it; nil for the host that sets the cookie only.
    public var domain: String?
    /// The lifetime in whole seconds; nil lasts until the browser closes, zero removes the cookie. Browsers keep no
    /// cookie for more than 400 days (RFC 6265bis §5.5).
    public var maxAge: Duration?
    /// Whether the cookie is sent over TLS only. A cookie that is set over TLS always is, and so is a cookie that
    /// browsers otherwise refuse: with `SameSite=None`, or a name that begins with `__Secure-` or `__Host-`.
    public var isSecure: Bool
    /// Whether the cookie is hidden from scripts.
    public var isHTTPOnly: Bool
    /// Whether requests from other sites carry the cookie.
    public var sameSite: SameSite

    /// Creates a cookie. By default it is for this site's own pages, hidden from scripts, until the browser closes.
    public init(
        _ name: String, _ value: String, path: String = "/", domain: String? = nil, maxAge: Duration? = nil,
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
    /// `%`, and the characters that a value cannot have (RFC 6265 §4.1.1), are percent-encoded; reading decodes them.
    public var field: String {
        var text = "\(name)=\(Self.encode(value)); Path=\(path); SameSite=\(sameSite.rawValue)"
        // RFC 6265bis §4.1.1: no leading dot, which browsers ignore, and no number below 0.
        if let domain { text += "; Domain=\(Self.withoutDot(domain))" }
        if let maxAge { text += "; Max-Age=\(maxAge.wholeSeconds)" }
        if isSecure || sameSite == .none || hasPrefix("__secure-") || isOfHost { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        return text
    }

    /// Checks that browsers accept the cookie as it is meant (RFC 6265bis §4.1, §5.7).
    ///
    /// - Throws: The first problem.
    package func check() throws(CookieError) {
        func problem(_ text: String) -> CookieError { CookieError(name: name, problem: text) }
        guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenByte) else {
            throw problem("expected a name of letters, digits and !#$%&'*+-.^_`|~, found \(name.debugDescription)")
        }
        guard path.utf8.first == UInt8(ascii: "/"), Self.isPath(path) else {
            throw problem("expected a path such as \"/\", percent-encoded, found \(path.debugDescription)")
        }
        guard domain.map({ Self.isDomain(Self.withoutDot($0)) }) ?? true else {
            throw problem("expected a domain such as example.com, found \((domain ?? "").debugDescription)")
        }
        guard !isOfHost || path == "/" && domain == nil else {
            throw problem("expected no domain and the path \"/\", which its name promises")
        }
        let size = name.utf8.count + Self.encode(value).utf8.count
        guard size <= 4096 else {
            throw problem("expected a name and a percent-encoded value of at most 4096 bytes, found \(size)")
        }
    }

    /// RFC 6265bis §5.7: browsers compare the prefixes of names regardless of case.
    private func hasPrefix(_ prefix: String) -> Bool { name.asciiLowercased.hasBytePrefix(prefix) }

    private var isOfHost: Bool { hasPrefix("__host-") }

    /// RFC 6265bis §4.1.1, §5.6: ASCII without controls and semicolons, of at most 1024 bytes; and without spaces,
    /// which no request's path has.
    private static func isPath(_ text: String) -> Bool {
        text.utf8.count <= 1024 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") }
    }

    private static func withoutDot(_ domain: String) -> Substring {
        domain.utf8.first == UInt8(ascii: ".") ? Substring(domain.utf8.dropFirst()) : domain[...]
    }

    /// RFC 6265bis §4.1.1: `subdomain` (RFC 1034 §3.5), whose labels may begin with digits too (RFC 1123 §2.1).
    private static func isDomain(_ text: Substring) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return text.utf8.count <= 253
            && text.bytes(splitAt: ".").map(\.utf8).allSatisfy { label in
                (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                    && label.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == hyphen }
            }
    }

    /// The names and values of a request's `Cookie` field.
    ///
    /// The first value of a repeated name counts, mostly that with the longest path (RFC 6265bis §5.8.3; an app should
    /// not rely on it, §4.2.2).
    package static func parse(_ field: String) -> [String: String] {
        var cookies: [String: String] = [:]
        for pair in field[...].bytes(splitAt: ";") {
            // RFC 9110 §5.6.3: white space around the equals sign is bad, and removed.
            let parts = pair.bytes(splitAt: "=", maxSplits: 1).map { FieldValue.trimmed($0) }
            // RFC 6265bis §4.1.1: a name is ASCII.
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

/// An error for a cookie that browsers refuse, or do not treat as it is meant.
public struct CookieError: Error, Equatable, CustomStringConvertible {
    /// The cookie's name.
    public var name: String
    /// The fault: the expected and the found.
    public var problem: String

    /// The cookie's name and the problem.
    public var description: String { "the cookie \(name.debugDescription): \(problem)" }
}
