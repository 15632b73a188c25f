/// The target of a request (RFC 9112 §3.2), normalised once, before anything is routed.
public struct Target: Sendable, Hashable {
    /// The percent-encoded path. It begins with a slash, and has no `.`, `..` or empty segment inside.
    public var path: String

    /// The text after the question mark, as it was sent; nil without a question mark.
    public var query: String?

    /// Parses a path and a query.
    ///
    /// Dot segments are resolved (RFC 3986 §5.2.4), also in their encoded forms, and repeated slashes become one. It
    /// returns nil for a `..` above the root, a NUL, a broken escape, and bytes that are not UTF-8.
    public init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        let rest = text[...]
        let question = rest.utf8.firstIndex(of: UInt8(ascii: "?"))
        query = question.map { String(rest[rest.utf8.index(after: $0)...]) }
        let path = rest[..<(question ?? rest.endIndex)]
        if Self.isNormal(path.utf8) {
            self.path = String(path)
        } else {
            guard let normal = Self.normalise(path) else { return nil }
            self.path = normal
        }
    }

    /// The target as it goes into a log or a `Location` field.
    public var description: String { query.map { "\(path)?\($0)" } ?? path }

    /// Returns whether `normalise` certainly leaves the path as it is, by a quick search; it does most.
    private static func isNormal(_ path: Substring.UTF8View) -> Bool {
        var previous: UInt8 = 0
        for byte in path {
            if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") { return false }
            if previous == UInt8(ascii: "/"), byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") { return false }
            previous = byte
        }
        return path.first == UInt8(ascii: "/")
    }

    private static func normalise(_ path: Substring) -> String? {
        var segments: [Substring] = []
        var endsWithSlash = true
        // By bytes: a slash and a character that joins with it are one `Character`.
        for segment in path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init) {
            guard let decoded = percentDecoded(segment), !decoded.utf8.contains(0) else { return nil }
            endsWithSlash = decoded == "." || decoded == ".."
            switch decoded {
            case ".": break
            case "..": guard segments.popLast() != nil else { return nil }
            default: segments.append(segment)
            }
        }
        endsWithSlash = endsWithSlash || path.utf8.last == UInt8(ascii: "/")
        guard !segments.isEmpty else { return "/" }
        let normal = "/" + segments.joined(separator: "/") + (endsWithSlash ? "/" : "")
        // RFC 3986 §3.3 has no backslash, and browsers take one in a `Location` for a slash.
        return String(
            decoding: normal.utf8.flatMap { $0 == UInt8(ascii: "\\") ? Array("%5C".utf8) : [$0] }, as: UTF8.self)
    }
}

extension Target: CustomStringConvertible {}

/// An error for a target that no client sends.
public struct TargetError: Error, Equatable, CustomStringConvertible {
    /// The text of the target.
    public var target: String

    /// Creates an error.
    public init(target: String) {
        self.target = target
    }

    /// The expected and the found.
    public var description: String { "expected a path that begins with a slash, found \"\(target)\"" }
}

/// The decoded text, or nil for a broken escape (RFC 3986 §2.1) or bytes that are not UTF-8.
package func percentDecoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.next()?.hexValue, let low = rest.next()?.hexValue else { return nil }
        bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
}
