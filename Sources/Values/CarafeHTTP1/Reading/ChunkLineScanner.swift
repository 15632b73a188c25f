/// Reads the line before a chunk's data, byte by byte: RFC 9112 §7.1, `chunk-size [ chunk-ext ] CRLF`.
struct ChunkLineScanner: Sendable {
    /// The size of the chunk in bytes.
    private(set) var size = 0
    /// The bytes of extensions that the line has, with their semicolons and whitespace.
    private(set) var extensionBytes = 0
    private var digits = 0
    private var place = Place.size

    private enum Place: Sendable {
        case size, lineFeed
        /// After the size and bad whitespace: an extension has to follow.
        case beforeSemicolon
        case beforeName, name, afterName
        case beforeValue, value
        case quoted, quotedPair
        /// After a whole quoted value: nothing of it may follow.
        case afterQuoted
    }

    /// 15 hexadecimal digits, leading zeros among them, always fit into an Int.
    private static let mostDigits = 15

    /// Takes the next byte of the line; whether it was the last.
    mutating func take(_ byte: UInt8) throws(RequestError) -> Bool {
        switch place {
        case .lineFeed:
            guard byte == .lineFeed else { throw .badRequest("chunk line", expected: "LF after CR", found: byte) }
            return true
        case .size:
            if let value = byte.hexadecimalValue {
                digits += 1
                guard digits <= Self.mostDigits else {
                    throw .badRequest("chunk size: expected at most \(Self.mostDigits) digits, found more")
                }
                size = size << 4 | value
                return false
            }
            guard digits > 0 else {
                throw .badRequest("chunk size", expected: "a hexadecimal digit", found: byte)
            }
            place = try afterElement(byte, whitespace: .beforeSemicolon)
        default:
            place = try extensionPlace(after: byte)
        }
        if place != .lineFeed { extensionBytes += 1 }
        return false
    }

    /// RFC 9112 §7.1.1: `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`.
    private func extensionPlace(after byte: UInt8) throws(RequestError) -> Place {
        let isToken = ByteSet.token.contains(byte)
        switch place {
        case .beforeName where isToken: return .name
        case .name where isToken: return .name
        case .beforeValue where isToken: return .value
        case .value where isToken: return .value
        case .beforeName where byte.isWhitespace, .beforeValue where byte.isWhitespace: return place
        case .name where byte == UInt8(ascii: "="), .afterName where byte == UInt8(ascii: "="): return .beforeValue
        case .beforeValue where byte == UInt8(ascii: "\""): return .quoted
        case .name: return try afterElement(byte, whitespace: .afterName)
        case .value, .afterQuoted: return try afterElement(byte, whitespace: .beforeSemicolon)
        case .afterName, .beforeSemicolon:
            if byte.isWhitespace { return place }
            if byte == UInt8(ascii: ";") { return .beforeName }
        // RFC 9110 §5.6.4: quoted-string holds HTAB, SP, visible characters and obs-text.
        case .quoted where byte == UInt8(ascii: "\""): return .afterQuoted
        case .quoted where byte == UInt8(ascii: "\\"): return .quotedPair
        case .quoted where Self.isText(byte), .quotedPair where Self.isText(byte): return .quoted
        default: break
        }
        throw .badRequest("chunk extension", expected: "a name, perhaps with = and a value", found: byte)
    }

    private func afterElement(_ byte: UInt8, whitespace: Place) throws(RequestError) -> Place {
        switch byte {
        case .carriageReturn: return .lineFeed
        case UInt8(ascii: ";"): return .beforeName
        case .space, .tab: return whitespace
        default: throw .badRequest("chunk line", expected: "CRLF or an extension", found: byte)
        }
    }

    private static func isText(_ byte: UInt8) -> Bool { byte >= .space && byte != 0x7F || byte == .tab }
}
