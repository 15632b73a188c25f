import CarafeApp
import CarafeRuntime
import HTTPTypes

/// The statement of one proxy about the client that it serves.
struct ForwardedHop: Sendable, Equatable {
    var address: IPAddress?
    var isSecure: Bool?
    var host: String?

    /// The largest number of hops that are read from a chain of proxies, counted from the one next to this server.
    static let limit = 32

    /// Reads the hops of `X-Forwarded-For`, the nearest first, with the scheme and the host that the nearest proxy
    /// wrote.
    ///
    /// `X-Forwarded-Proto` and `X-Forwarded-Host` do not name their hop, and only the last value is certain to be a
    /// trusted proxy's: earlier ones may be the client's.
    static func xForwarded(_ headers: Headers) -> [ForwardedHop] {
        let scheme = elements(headers[.xForwardedProto]).first.flatMap(isSecure)
        let host = elements(headers[.xForwardedHost]).first.flatMap(host)
        let addresses = elements(headers[.xForwardedFor]).map(address)
        let hops = addresses.isEmpty ? [nil] : addresses
        return hops.map { ForwardedHop(address: $0, isSecure: scheme, host: host) }
    }

    /// Reads the hops of `Forwarded` (RFC 7239 §4), the nearest first.
    static func forwarded(_ headers: Headers) -> [ForwardedHop] {
        elements(headers[.forwarded]).map { element in
            let pairs = ParameterizedValue("hop;\(element)")
            return ForwardedHop(
                address: pairs["for"].flatMap { address($0[...]) },
                isSecure: pairs["proto"].flatMap { isSecure($0[...]) },
                host: pairs["host"].flatMap { host($0[...]) })
        }
    }

    /// Returns the last elements of a list, the last one first.
    ///
    /// The list is read from the right, so that text of the client, such as an unbalanced quotation mark, cannot hide
    /// the elements that proxies added after it.
    private static func elements(_ field: String?) -> [Substring] {
        guard var rest = field?[...] else { return [] }
        var elements: [Substring] = []
        while !rest.isEmpty, elements.count < limit {
            let start = lastComma(in: rest.utf8).map { rest.utf8.index(after: $0) }
            let element = FieldValue.trimmed(rest[(start ?? rest.startIndex)...])
            if !element.isEmpty { elements.append(element) }
            rest = start.map { rest[..<rest.utf8.index(before: $0)] } ?? ""
        }
        return elements
    }

    private static func lastComma(in text: Substring.UTF8View) -> Substring.Index? {
        var isQuoted = false
        return text.indices.reversed().first { index in
            if text[index] == UInt8(ascii: "\"") {
                let isEscaped =
                    isQuoted && index > text.startIndex && text[text.index(before: index)] == UInt8(ascii: "\\")
                if !isEscaped { isQuoted.toggle() }
            }
            return text[index] == UInt8(ascii: ",") && !isQuoted
        }
    }

    /// Parses `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` and `[2001:db8::1]:4711`. It returns nil for names, such as
    /// `unknown`.
    private static func address(_ text: Substring) -> IPAddress? {
        guard text.utf8.count <= 64 else { return nil }
        let bytes = text.utf8
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")), isPort(text[bytes.index(after: end)...]) else {
                return nil
            }
            return IPAddress(String(text[bytes.index(after: bytes.startIndex)..<end]))
        }
        let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        guard let colon, colon == bytes.lastIndex(of: UInt8(ascii: ":")) else { return IPAddress(String(text)) }
        return isPort(text[colon...]) ? IPAddress(String(text[..<colon])) : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        // RFC 7239 §6: a port may be an obfuscated name, which begins with an underscore.
        text.isEmpty || text.utf8.first == UInt8(ascii: ":") && text.utf8.dropFirst().allSatisfy { isOf("._-", $0) }
    }

    private static func isSecure(_ scheme: Substring) -> Bool? {
        guard scheme.utf8.count <= 5 else { return nil }
        return switch scheme.lowercased() {
        case "https", "wss": true
        case "http", "ws": false
        default: nil
        }
    }

    /// Returns a host and an optional port if they consist of valid characters.
    private static func host(_ text: Substring) -> String? {
        // RFC 1035 §2.3.4: a name has at most 255 octets.
        guard !text.isEmpty, text.utf8.count <= 262 else { return nil }
        return text.utf8.allSatisfy { isOf("-._:[]", $0) } ? String(text) : nil
    }

    /// Whether a byte is a letter, a digit or one of `others`.
    private static func isOf(_ others: String, _ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: others.utf8.contains(byte)
        }
    }
}

extension HTTPField.Name {
    // Force-unwrap is safe: these literals are valid field names.
    static let forwarded = HTTPField.Name("Forwarded")!
    static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
    static let xForwardedProto = HTTPField.Name("X-Forwarded-Proto")!
    static let xForwardedHost = HTTPField.Name("X-Forwarded-Host")!
}
