import Testing

@testable import CarafeWebSocketCodec

@Suite struct MessageLimitsTests {
    @Test("RFC 1951 §3.2.4: a compressed message may be a little longer, and no limit overflows")
    func compressedLength() {
        #expect(MessageLimits(messageLength: 1600).compressedLength == 1764)
        #expect(MessageLimits(messageLength: 0).compressedLength == 64)
        #expect(MessageLimits(messageLength: .max).compressedLength == .max)
    }
}
