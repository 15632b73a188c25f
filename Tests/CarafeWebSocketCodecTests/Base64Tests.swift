import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct Base64Tests {
    @Test(
        "RFC 4648 §10: the test vectors",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }

    @Test("RFC 4648 §4: the whole alphabet")
    func alphabet() {
        #expect(Base64.encode([0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFF]) == "++++////")
    }

    @Test("RFC 6455 §4.1: 16 bytes in base64")
    func sixteenBytes() {
        #expect(Base64.isSixteenBytes("dGhlIHNhbXBsZSBub25jZQ=="))
        #expect(Base64.isSixteenBytes(Base64.encode([UInt8](repeating: 0xFF, count: 16))))
    }

    @Test(
        "RFC 6455 §4.1: anything else",
        arguments: [
            "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZWE=",
            "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25-ZQ==", "dGhlIHNhbXBsZSBub25=ZQ==",
            "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jé==",
        ]
    )
    func otherText(text: String) {
        #expect(!Base64.isSixteenBytes(text))
    }
}
