/// An error for a number that JSON cannot write.
struct NonFiniteNumberError: Error {
    let number: Double
}

/// A value as JSON (RFC 8259), without spaces, with sorted keys, and safe inside a script element.
struct JSONText {
    // Bytes, and a string only at the end: an array is faster for many small appends.
    private var bytes: [UInt8] = []

    init(_ value: TemplateValue) throws(NonFiniteNumberError) {
        try write(value)
    }

    init(quoting text: String) {
        write(quoting: text)
    }

    var text: String {
        String(decoding: bytes, as: UTF8.self)
    }

    private mutating func write(_ value: TemplateValue) throws(NonFiniteNumberError) {
        switch value {
        case .null: write("null")
        case .bool(let bool): write(bool ? "true" : "false")
        case .int(let int): write(int.description)
        case .double(let double):
            // RFC 8259 §6: numbers that the grammar cannot represent, such as infinity and NaN, are not permitted.
            guard double.isFinite else { throw NonFiniteNumberError(number: double) }
            write(double.description)
        case .string(let text): write(quoting: text)
        case .array(let elements): try write(elements)
        case .object(let members): try write(members)
        }
    }

    private mutating func write(_ elements: [TemplateValue]) throws(NonFiniteNumberError) {
        write("[")
        var separator = ""
        for element in elements {
            write(separator)
            try write(element)
            separator = ","
        }
        write("]")
    }

    private mutating func write(_ members: [String: TemplateValue]) throws(NonFiniteNumberError) {
        write("{")
        var separator = ""
        for (key, member) in members.sorted(by: { $0.key < $1.key }) {
            write(separator)
            write(quoting: key)
            write(":")
            try write(member)
            separator = ","
        }
        write("}")
    }

    private mutating func write(quoting text: String) {
        let utf8 = text.utf8
        let span = utf8.span
        write("\"")
        var offset = 0
        while offset < span.count {
            if JSONEscaping.mayBeSpecial(span[offset]), let special = JSONEscaping.escape(span, at: offset) {
                write(special.escape)
                offset += special.length
            } else {
                bytes.append(span[offset])
                offset += 1
            }
        }
        write("\"")
    }

    private mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}

/// The characters that a JSON string escapes, and their escapes.
private enum JSONEscaping {
    // RFC 8259 §7: quotation mark, reverse solidus and U+0000 to U+001F must be escaped. HTML §4.12.1.3: "<!--",
    // "<script" and "</script" must not appear in a script; without "<" none can. "&" and ">" are added for XHTML,
    // where a script's content is ordinary text.
    private static let special: UInt64 = 0xFFFF_FFFF | 1 << 0x22 | 1 << 0x26 | 1 << 0x3C | 1 << 0x3E

    static func mayBeSpecial(_ byte: UInt8) -> Bool {
        byte < 64 ? special &>> UInt64(byte) & 1 != 0 : byte == UInt8(ascii: "\\") || byte == 0xE2
    }

    /// Returns the escape for the character that begins at `offset`, and the character's length in bytes.
    static func escape(_ bytes: Span<UInt8>, at offset: Int) -> (escape: String, length: Int)? {
        let byte = bytes[offset]
        switch byte {
        case UInt8(ascii: "\""): return ("\\\"", 1)
        case UInt8(ascii: "\\"): return ("\\\\", 1)
        case UInt8(ascii: "\n"): return ("\\n", 1)
        case UInt8(ascii: "\r"): return ("\\r", 1)
        case UInt8(ascii: "\t"): return ("\\t", 1)
        case 0xE2: return lineSeparatorEscape(bytes, at: offset)
        default:
            // CarafeRuntime has this too; importing nothing is worth the two lines.
            let digits = String(byte, radix: 16, uppercase: true)
            return ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits, 1)
        }
    }

    /// Returns the escape for U+2028 and U+2029 (E2 80 A8 and E2 80 A9), which ended a line inside a string before
    /// ECMAScript 2019.
    private static func lineSeparatorEscape(_ bytes: Span<UInt8>, at offset: Int) -> (String, Int)? {
        guard offset + 2 < bytes.count, bytes[offset + 1] == 0x80 else { return nil }
        return switch bytes[offset + 2] {
        case 0xA8: ("\\u2028", 3)
        case 0xA9: ("\\u2029", 3)
        default: nil
        }
    }
}
