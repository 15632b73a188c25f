import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct MessageLimitsTests {
    @Test("RFC 1951 §3.2.4: a compressed message may be a little longer, and no limit overflows")
    func compressedLimit() {
        #expect(MessageLimits(messageLimit: 1600).compressedLimit == 1764)
        #expect(MessageLimits(messageLimit: 0).compressedLimit == 64)
        #expect(MessageLimits(messageLimit: .max).compressedLimit == .max)
    }
}
