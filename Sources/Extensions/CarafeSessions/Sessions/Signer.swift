import Crypto
import FoundationEssentials

/// Signs texts that a client keeps, and verifies them (HMAC-SHA256, RFC 2104).
struct Signer: Sendable {
    /// The keys. The first one signs, all of them verify.
    private let keys: [SymmetricKey]

    /// Derives the keys for one purpose. A text signed for another purpose is not valid.
    init(secrets: [String], purpose: String) {
        keys = secrets.map { secret in
            let code = HMAC<SHA256>.authenticationCode(
                for: Data(purpose.utf8), using: SymmetricKey(data: Data(secret.utf8)))
            return SymmetricKey(data: code)
        }
    }

    /// Returns the bytes and their signature in base64url (RFC 4648 §5), with a dot between.
    func sign(_ bytes: Data) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: bytes, using: keys[0])
        return bytes.base64URL + "." + Data(code).base64URL
    }

    /// Returns the bytes of a text that was signed with one of the keys, comparing in constant time.
    func open(_ text: String) -> Data? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = Data(base64URL: Substring(parts[0])),
            let code = Data(base64URL: Substring(parts[1]))
        else { return nil }
        let isOurs = keys.contains { HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: bytes, using: $0) }
        return isOurs ? bytes : nil
    }
}

extension Data {
    var base64URL: String {
        var text = base64EncodedString()
        while text.last == "=" { text.removeLast() }
        return String(text.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }

    init?(base64URL text: Substring) {
        guard text.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") }) else {
            return nil
        }
        let padded = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        self.init(base64Encoded: padded + String(repeating: "=", count: (4 - padded.utf8.count % 4) % 4))
        // RFC 4648 §3.5: unused bits in the last character would give one text several spellings.
        guard base64URL.utf8.elementsEqual(text.utf8) else { return nil }
    }

    /// Returns unguessable random bytes.
    static func random(_ count: Int) -> Data {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}
