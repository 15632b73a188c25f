import Testing

@testable import CarafeWebSocketCodec

@Suite struct LimitsTests {
    @Test("RFC 1951 §3.2.4: a compressed message may be a little longer, and no limit overflows")
    func compressedLength() {
        #expect(Limits(messageLength: 1600).compressedLength == 1764)
        #expect(Limits(messageLength: 0).compressedLength == 64)
        #expect(Limits(messageLength: .max).compressedLength == .max)
    }
}
