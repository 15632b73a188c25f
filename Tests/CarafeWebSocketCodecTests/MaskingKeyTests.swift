import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct MaskingKeyTests {
    private let bytes: [UInt8] = [0x11, 0x22, 0x43, 0x84]

    private func byteWise(_ payload: [UInt8]) -> [UInt8] {
        payload.enumerated().map { $1 ^ bytes[$0 % 4] }
    }

    private func apply(_ key: inout MaskingKey, to payload: inout [UInt8], _ range: Range<Int>) {
        payload.withUnsafeMutableBytes { key.apply(to: UnsafeMutableRawBufferPointer(rebasing: $0[range])) }
    }

    @Test("RFC 6455 §5.3: octet i is combined with octet i MOD 4 of the key, at every length")
    func lengths() {
        var generator = SeededGenerator(seed: 53)
        for length in 0...150 {
            let payload = generator.bytes(count: length)
            var masked = payload
            var key = MaskingKey(0x11, 0x22, 0x43, 0x84)
            apply(&key, to: &masked, 0..<length)
            #expect(masked == byteWise(payload))
        }
    }

    @Test("RFC 6455 §5.3: a payload cut anywhere, at any alignment, is masked as a whole one")
    func pieces() {
        let payload = SeededGenerator(seed: 54).prefix(80)
        for first in 0...40 {
            for second in first...payload.count where (second - first) % 7 < 4 {
                var masked = payload
                var key = MaskingKey(0x11, 0x22, 0x43, 0x84)
                for range in [0..<first, first..<second, second..<payload.count] {
                    apply(&key, to: &masked, range)
                }
                #expect(masked == byteWise(payload))
            }
        }
    }

    @Test("Masking twice restores the payload")
    func twice() {
        let payload = SeededGenerator(seed: 55).prefix(1000)
        var changed = payload
        for _ in 1...2 {
            var key = MaskingKey(9, 8, 7, 6)
            apply(&key, to: &changed, 0..<1000)
        }
        #expect(changed == payload)
    }

    @Test("RFC 6455 §5.3: a random key comes from the generator")
    func random() {
        var generator = SeededGenerator(seed: 1)
        var same = SeededGenerator(seed: 1)
        let keys = (0..<2).map { _ in MaskingKey.random(using: &generator) }
        let sameKeys = (0..<2).map { _ in MaskingKey.random(using: &same) }
        #expect(keys == sameKeys)
        #expect(keys[0] != keys[1])
    }
}

extension SeededGenerator {
    fileprivate func prefix(_ count: Int) -> [UInt8] {
        var copy = self
        return copy.bytes(count: count)
    }
}
