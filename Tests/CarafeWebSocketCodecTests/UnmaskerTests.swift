import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct UnmaskerTests {
    private func unmask(_ reads: [[UInt8]]) -> [UInt8] {
        var unmasker = Unmasker()
        return reads.flatMap { read in
            var bytes = read
            bytes.withUnsafeMutableBytes { unmasker.unmask($0) }
            return bytes
        }
    }

    @Test("RFC 6455 §5.3: all payloads of a read are unmasked, the headers stay")
    func frames() {
        let first = masked(0x81, Array("Hello".utf8))
        let second = masked(0x80, [])
        let third = masked(0x82, [UInt8](repeating: 7, count: 300))
        let expected =
            Array(first[..<6]) + Array("Hello".utf8) + second + Array(third[..<8]) + [UInt8](repeating: 7, count: 300)
        let wire = first + second + third
        #expect(unmask([wire]) == expected)
        #expect(unmask(wire.singly) == expected)
        for cut in 0...wire.count {
            #expect(unmask([Array(wire[..<cut]), Array(wire[cut...])]) == expected)
        }
    }

    @Test("Nothing is touched after a fault", arguments: [[0x83, 0x80], [0x81, 0x00]] as [[UInt8]])
    func fault(bytes: [UInt8]) {
        let wire = bytes + masked(0x81, Array("Hello".utf8))
        #expect(unmask([wire]) == wire)
        #expect(unmask(wire.singly) == wire)
    }
}
