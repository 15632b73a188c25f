extension String {
    /// Appends a text, escaped so that HTML reads it as text in an element or in a quoted attribute value.
    ///
    /// HTML §13.3 escapes `&`, `<`, `>` and, in attributes, `"`. The `'` is added for attributes in single quotes.
    mutating func append(escapingHTML text: String) {
        let utf8 = text.utf8
        let span = utf8.span
        // Most texts have nothing to escape and are appended whole.
        guard let first = span.indices.first(where: { HTMLEscaping.isSpecial(span[$0]) }) else {
            append(text)
            return
        }
        // As bytes: appending piece by piece to a string costs more than twice as much per escape.
        var bytes = Array(utf8.prefix(first))
        bytes.reserveCapacity(span.count + 32)
        for offset in first..<span.count {
            let byte = span[offset]
            if HTMLEscaping.isSpecial(byte) {
                bytes.append(contentsOf: HTMLEscaping.reference(byte).utf8)
            } else {
                bytes.append(byte)
            }
        }
        append(String(decoding: bytes, as: UTF8.self))
    }
}

/// Which bytes HTML escapes, and as what.
///
/// CarafeApp's `Markup` has a shorter one of its own, since this module imports nothing and no app needs it.
private enum HTMLEscaping {
    // The bytes of " & ' < > all lie below 64, so that one shift replaces five comparisons.
    private static let special: UInt64 = 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E

    static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 64 && special &>> UInt64(byte) & 1 != 0
    }

    static func reference(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        default: "&#39;"
        }
    }
}
