/// The elements of a `Sec-WebSocket-Extensions` value (RFC 6455 §9.1): offers of a client, or a server's answer.
struct ExtensionList: Sendable, Hashable {
    struct Element: Sendable, Hashable {
        var name: String
        var parameters: [Parameter] = []
    }

    struct Parameter: Sendable, Hashable {
        var name: String
        var value: String?
    }

    var elements: [Element] = []

    /// Nil if the value does not have the form of §9.1, one extension at least, after which the connection must be
    /// failed.
    init?(parsing value: String) {
        var reader = ExtensionReader(value)
        repeat {
            // RFC 9110 §5.6.1.2: a recipient accepts empty elements of a list, and ignores them.
            guard let name = reader.token() else { continue }
            var element = Element(name: name)
            while reader.take(";") {
                guard let parameter = reader.parameter() else { return nil }
                element.parameters.append(parameter)
            }
            elements.append(element)
        } while reader.take(",")
        guard reader.isAtEnd, !elements.isEmpty else { return nil }
    }
}

/// Reads the words of RFC 9110 §5.6: tokens and quoted strings, with white space skipped before each.
private struct ExtensionReader {
    private var rest: Substring.UTF8View

    init(_ value: String) {
        rest = value[...].utf8
    }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return rest.isEmpty
        }
    }

    mutating func take(_ separator: Unicode.Scalar) -> Bool {
        skipSpace()
        guard rest.first == UInt8(ascii: separator) else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func token() -> String? {
        skipSpace()
        let word = rest.prefix(while: \.isTokenByte)
        guard !word.isEmpty else { return nil }
        rest = rest[word.endIndex...]
        return String(Substring(word))
    }

    mutating func parameter() -> ExtensionList.Parameter? {
        guard let name = token() else { return nil }
        guard take("=") else { return ExtensionList.Parameter(name: name) }
        guard let value = take("\"") ? quotedToken() : token() else { return nil }
        return ExtensionList.Parameter(name: name, value: value)
    }

    /// RFC 6455 §9.1: the value after unquoting must be a token itself.
    private mutating func quotedToken() -> String? {
        var word: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), escaped.isTokenByte else { return nil }
                word.append(escaped)
            default:
                guard byte.isTokenByte else { return nil }
                word.append(byte)
            }
        }
        return nil
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }
}
