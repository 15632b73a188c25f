/// Which web pages may open a WebSocket here (RFC 6455 §10.2).
///
/// Browsers do not keep a page from connecting to another site, cookies included; they only say whose page it is, and
/// leave it to the server to refuse.
public enum OriginPolicy: Sendable, Hashable {
    /// Pages of the host that is asked, at the same port. The default to choose.
    case sameHost

    /// Pages of these origins, such as `https://example.com` or `http://localhost:8080`; `null` stands for itself.
    case list([String])

    /// Pages of any site. Only for what is public, and never together with cookies.
    case any

    /// Decides about a handshake, from its `Origin` and `Host` fields.
    ///
    /// A client that sends no Origin is not a browser and is let in: it could write there what it likes, and carries no
    /// one's cookies (RFC 6455 §10.2, §4.2.1).
    public func allows(origin: String?, host: String?) -> Bool {
        guard let origin else { return true }
        switch self {
        case .any:
            return true
        case .sameHost:
            guard let origin = Origin(origin), let host, let defaultPort = origin.defaultPort else { return false }
            // Host has no scheme, and TLS may end before us; so the origin's scheme tells what a bare host means.
            return Authority(host)?.filled(with: defaultPort) == origin.authority.filled(with: defaultPort)
        case .list(let origins):
            return origins.contains { $0 == origin || Origin($0).map { $0 == Origin(origin) } ?? false }
        }
    }
}

/// An origin as RFC 6454 §6.2 writes it: scheme, host and port, where two spellings of one origin are equal.
private struct Origin: Equatable {
    let scheme: String
    let authority: Authority

    init?(_ text: String) {
        let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].last == ":", parts[1].isEmpty else { return nil }
        guard let authority = Authority(String(parts[2])) else { return nil }
        scheme = String(parts[0].dropLast())
        self.authority = authority.filled(with: Self.defaultPort(of: scheme))
    }

    /// nil for a scheme that no web page has.
    var defaultPort: Int? { Self.defaultPort(of: scheme) }

    private static func defaultPort(of scheme: String) -> Int? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}

/// A host and perhaps a port, as a Host field has it (RFC 9110 §7.2).
private struct Authority: Equatable {
    let host: String
    let port: Int?

    init?(_ text: String) {
        let text = text.trimmed.lowercased()
        // The colons of an IPv6 address stand in brackets, and the port after them.
        let bracket = text.lastIndex(of: "]") ?? text.startIndex
        let colon = text[bracket...].firstIndex(of: ":") ?? text.endIndex
        let digits = text[colon...].dropFirst()
        self.init(host: String(text[..<colon]), port: UInt16(digits).map(Int.init))
        // RFC 3986 §3.2.3: a port may be empty, and then is the default.
        guard !host.isEmpty, !host.contains(where: { "@/?#, ".contains($0) }) else { return nil }
        guard digits.isEmpty || port != nil, !digits.hasPrefix("+") else { return nil }
    }

    private init(host: String, port: Int?) {
        self.host = host
        self.port = port
    }

    func filled(with defaultPort: Int?) -> Authority {
        Authority(host: host, port: port ?? defaultPort)
    }
}
