import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct SHA1Tests {
    private func hex(_ message: String) -> String {
        SHA1.digest(message.utf8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    @Test(
        "RFC 3174 §7.3: the test vectors",
        arguments: [
            ("abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            ("a", 1_000_000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
            ("01234567", 80, "dea356a2cddd90c7a7ecedc5ebb563934f460452"),
        ]
    )
    func vectors(text: String, repeated: Int, digest: String) {
        #expect(hex(String(repeating: text, count: repeated)) == digest)
    }

    @Test("RFC 3174 §4: padding on both sides of a block's end")
    func padding() {
        #expect(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        let digests = (54...66).map { hex(String(repeating: "a", count: $0)) }
        #expect(digests == Self.paddingDigests)
    }
}

extension SHA1Tests {
    /// The digests of 54 to 66 times "a", computed by Python's hashlib.
    fileprivate static let paddingDigests = [
        "b05d71c64979cb95fa74a33cdb31a40d258ae02e",
        "c1c8bbdc22796e28c0e15163d20899b65621d65a",
        "c2db330f6083854c99d4b5bfb6e8f29f201be699",
        "f08f24908d682555111be7ff6f004e78283d989a",
        "5ee0f8895f4e1aae6a6661de5c432e34188a5a2d",
        "dbc8b8f59ff85a2b1448ed873484b14bf0507246",
        "13d956033d9af449bfe2c4ef78c17c20469c4bf1",
        "aeab141db28af3353283b5ccb2a322df0b9b5f56",
        "67b4b3923fa178d788a9611b76446c96431071f2",
        "03f09f5b158a7a8cdad920bddc29b81c18a551f5",
        "0098ba824b5c16427bd7a1122a5a442a25ec644d",
        "11655326c708d70319be2610e8a57d9a5b959d3b",
        "a4e77d9c0c9344921a0ac998b442ad572afdc5fb",
    ]
}
