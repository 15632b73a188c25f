import CarafeRuntime

/// A host and an optional port, as in `Host` (RFC 9110 §7.2), compared as in RFC 6454 §5.
package struct HostAndPort: Sendable, Hashable {
    /// The host in lower case; an IPv6 address in brackets and in its shortest form (RFC 5952).
    package let host: String
    package let port: Int?

    /// Returns nil for a text that is not a host, and for a port that is not a number below 65536.
    package init?(_ text: some StringProtocol) {
        let text = FieldValue.trimmed(Substring(text))
        let colon: Substring.Index?
        if text.utf8.first == UInt8(ascii: "[") {
            // The colons of an IPv6 address stand in brackets, and the port after them.
            guard let bracket = text.utf8.firstIndex(of: UInt8(ascii: "]")),
                let address = IPAddress(String(text[text.utf8.index(after: text.startIndex)..<bracket]))
            else { return nil }
            let end = text.utf8.index(after: bracket)
            guard end == text.endIndex || text.utf8[end] == UInt8(ascii: ":") else { return nil }
            host = "[\(address.text)]"
            colon = end == text.endIndex ? nil : end
        } else {
            colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
            let name = text[..<(colon ?? text.endIndex)]
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isOfName) else { return nil }
            host = name.asciiLowercased
        }
        let digits = colon.map { text[text.utf8.index(after: $0)...] } ?? ""
        guard digits.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        port = UInt16(digits).map(Int.init)
        // RFC 3986 §3.2.3: an empty port stands for the scheme's.
        guard digits.isEmpty || port != nil else { return nil }
    }

    private init(host: String, port: Int?) {
        self.host = host
        self.port = port
    }

    /// Returns a copy in which a missing port is the default port.
    package func filled(with defaultPort: Int?) -> HostAndPort {
        HostAndPort(host: host, port: port ?? defaultPort)
    }

    /// RFC 3986 §3.2.2: `reg-name`, without percent-encoding, which browsers do not write.
    private static func isOfName(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || "-._~!$&'()*+;=".utf8.contains(byte)
    }
}
