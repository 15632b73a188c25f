import Testing

@testable import CarafeWebSocketCodec

@Suite struct AcceptValueTests {
    @Test("RFC 6455 §1.3: the example")
    func example() {
        #expect(AcceptValue.make(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
