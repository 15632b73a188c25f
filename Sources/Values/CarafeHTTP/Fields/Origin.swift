/// The origin of a page: scheme, host and port. Two spellings of one origin are equal (RFC 6454 §4, §5).
package struct Origin: Sendable, Hashable {
    /// The scheme in lower case.
    package let scheme: String
    /// The host and the port, by default the scheme's.
    package let address: HostAndPort

    /// Parses `https://example.com:8443` (RFC 6454 §6.2); nil for `null`, a path, and texts that no browser sends.
    package init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text.utf8[colon...].starts(with: "://".utf8),
            let address = HostAndPort(text[text.utf8.index(colon, offsetBy: 3)...])
        else { return nil }
        let scheme = text[..<colon]
        guard let first = scheme.utf8.first, first.isASCIILetter,
            scheme.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "+-.".utf8.contains($0) })
        else { return nil }
        self.scheme = scheme.asciiLowercased
        self.address = address.filled(with: Self.defaultPort(of: self.scheme))
    }

    /// Returns nil for a scheme that no web page has.
    var defaultPort: Int? { Self.defaultPort(of: scheme) }

    private static func defaultPort(of scheme: String) -> Int? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}

extension Origin: CustomStringConvertible {
    /// The serialization of RFC 6454 §6.2: without the scheme's default port.
    package var description: String {
        let port = address.port.flatMap { $0 == defaultPort ? nil : ":\($0)" } ?? ""
        return "\(scheme)://\(address.host)\(port)"
    }
}
