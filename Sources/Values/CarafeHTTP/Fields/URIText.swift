/// URLs as they stand in a field (RFC 3986, RFC 9110 §10.2.2).
package enum URIText {
    /// Percent-encodes the characters that the path, query and fragment of a URL may not have: spaces, letters of other
    /// scripts, `"<>[\]^{|}` and backquotes. Escapes stay, and a `%` that begins no escape is encoded.
    package static func encoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        var rest = text.utf8[...]
        var isFragment = false
        while let byte = rest.popFirst() {
            let isEscape = byte == UInt8(ascii: "%") && rest.prefix(2).compactMap(\.hexValue).count == 2
            // RFC 3986 §3.5: a fragment holds no second number sign.
            let isSecond = byte == UInt8(ascii: "#") && isFragment
            if byte == UInt8(ascii: "#") { isFragment = true }
            if isEscape || isPlain(byte) && !isSecond {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 15)]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// RFC 3986 §2.2, §2.3: reserved, but for brackets, and unreserved.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || "-._~:/?#@!$&'()*+,;=".utf8.contains(byte)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
