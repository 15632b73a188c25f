import CarafeRuntime
import NIOCore
import Testing

@Suite("Fingerprint", .timeLimit(.minutes(10)))
struct FingerprintTests {
    @Test(
        "FNV-1a with 64 bits, by the vectors of its authors",
        arguments: [
            ("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("b", "af63df4c8601f1a5"),
            ("foobar", "85944171f73967e8"),
        ])
    func vectors(text: String, expected: String) {
        #expect(Fingerprint(of: ByteBuffer(string: text)).text == expected)
    }

    @Test("pieces have the fingerprint of the whole")
    func pieces() {
        var fingerprint = Fingerprint()
        for piece in ["fo", "", "obar"] { fingerprint.add(ByteBuffer(string: piece)) }
        #expect(fingerprint.text == "85944171f73967e8")
    }
}
