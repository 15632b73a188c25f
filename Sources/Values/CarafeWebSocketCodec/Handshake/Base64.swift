/// Base64 with padding (RFC 4648 §4), as far as the handshake needs it.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                // RFC 4648 §4: n bytes give n + 1 characters, and `=` stands for the missing ones.
                let character = alphabet[bits >> (18 - 6 * place) & 63]
                characters.append(place <= group.count ? character : UInt8(ascii: "="))
            }
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Whether the text stands for 16 bytes, as a Sec-WebSocket-Key must (RFC 6455 §4.1).
    ///
    /// 16 bytes are 22 characters and two of padding. The four spare bits of the last character are not looked at:
    /// RFC 4648 §3.5 leaves that to the decoder, and a key is never decoded.
    package static func isSixteenBytes(_ text: String) -> Bool {
        let characters = Array(text.utf8)
        guard characters.count == 24, text.hasSuffix("==") else { return false }
        return characters.dropLast(2).allSatisfy(alphabet.contains)
    }
}
