/// The parts of which the values of header fields consist (RFC 9110 §5.6).
package enum FieldValue {
    /// Returns the parts between separators, without empty ones and the white space around them (RFC 9110 §5.6.1). A
    /// separator in a quoted string does not count (§5.6.4).
    package static func parts(of text: Substring, at separator: Unicode.Scalar) -> [Substring] {
        let separator = UInt8(ascii: separator)
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.utf8.indices {
            switch text.utf8[index] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isQuoted: isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case separator where !isQuoted:
                parts.append(trimmed(text[start..<index]))
                start = text.utf8.index(after: index)
            default: break
            }
        }
        parts.append(trimmed(text[start...]))
        return parts.filter { !$0.isEmpty }
    }

    /// Returns the text of a quoted string, or a token unchanged (RFC 9110 §5.6.4).
    ///
    /// A backslash before another character than a quotation mark or a backslash stays: file names of Windows have
    /// them.
    package static func unquoted(_ text: Substring) -> String {
        let mark = UInt8(ascii: "\"")
        guard text.utf8.count > 1, text.utf8.first == mark, text.utf8.last == mark else { return String(text) }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if isEscaped, byte == mark || byte == UInt8(ascii: "\\") { bytes.removeLast() }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns the text without the white space around it.
    package static func trimmed(_ text: Substring) -> Substring {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        guard let first = text.utf8.firstIndex(where: { !isSpace($0) }),
            let last = text.utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return text[first...last]
    }
}

/// A value with parameters (RFC 9110 §5.6.6): `text/html; charset=utf-8`.
package struct ParameterizedValue: Sendable {
    /// The value in lower case; empty if it is not ASCII, since such a value has no meaning.
    package let value: String
    /// The parameters, with names in lower case. A name that is not ASCII is left out, since to compare it could cost
    /// much.
    package let parameters: [(name: String, value: String)]

    package init(_ text: Substring) {
        let parts = FieldValue.parts(of: text, at: ";")
        func token(_ text: Substring) -> String? {
            text.utf8.allSatisfy { $0 < 0x80 } ? text.asciiLowercased : nil
        }
        value = parts.first.flatMap(token) ?? ""
        parameters = parts.dropFirst().compactMap { part in
            guard let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")), let name = token(part[..<equals]) else {
                return nil
            }
            return (name, FieldValue.unquoted(part[part.utf8.index(after: equals)...]))
        }
    }

    /// Returns the first value of a parameter.
    package subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }
}
