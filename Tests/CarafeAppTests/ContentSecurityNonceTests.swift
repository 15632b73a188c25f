import CarafeApp
import Testing

@Suite(.timeLimit(.minutes(10))) struct ContentSecurityNonceTests {
    @Test("a nonce is made when it is first read, and stays") func value() {
        let nonce = ContentSecurityNonce()
        #expect(nonce.used == nil)
        let value = nonce.value
        #expect(nonce.value == value && nonce.used == value)
    }

    @Test("CSP 3 §7.1: two nonces differ, and have at least 128 bits") func bits() {
        let nonces = (0..<100).map { _ in ContentSecurityNonce().value }
        #expect(Set(nonces).count == 100)
        // Four characters of Base64 are 24 bits.
        #expect(nonces.allSatisfy { $0.utf8.count / 4 * 24 >= 128 })
    }

    @Test("CSP 3 §2.3.1: `base64-value`, which needs no escape in an attribute") func characters() {
        let value = ContentSecurityNonce().value
        #expect(
            value.utf8.allSatisfy {
                "+/".utf8.contains($0) || Character(Unicode.Scalar($0)).isLetter || ($0 >= 0x30 && $0 <= 0x39)
            })
    }
}
