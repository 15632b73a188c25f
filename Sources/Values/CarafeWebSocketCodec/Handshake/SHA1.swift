/// SHA-1 (RFC 3174), for the one digest that RFC 6455 §4.2.2 fixes.
///
/// Written here because a cryptography package would be a large dependency for it. The digest proves only that the peer
/// speaks WebSocket; nothing secret rests on it, so do not use it for anything else.
package struct SHA1 {
    private var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]

    /// The digest of the message: 20 bytes.
    package static func digest(_ message: some Collection<UInt8>) -> [UInt8] {
        // RFC 3174 §4: a one bit, then zeros up to 8 bytes short of a block, then the length in bits.
        var padded = Array(message)
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        padded.append(contentsOf: (UInt64(message.count) * 8).networkBytes)
        var digest = SHA1()
        for start in stride(from: 0, to: padded.count, by: 64) {
            digest.add(padded[start..<start + 64])
        }
        return digest.state.flatMap(\.networkBytes)
    }

    private mutating func add(_ block: ArraySlice<UInt8>) {
        // RFC 3174 §6.1: the 16 words of the block are stretched to 80.
        var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { start in
            block[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<80 {
            let mixed = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
            words.append(mixed.rotated(left: 1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for (index, word) in words.enumerated() {
            let next = a.rotated(left: 5) &+ Self.mix(index, b, c, d) &+ e &+ word
            (a, b, c, d, e) = (next, a, b.rotated(left: 30), c, d)
        }
        for (index, value) in [a, b, c, d, e].enumerated() {
            state[index] &+= value
        }
    }

    /// RFC 3174 §5: the function and the constant of the step.
    private static func mix(_ index: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
        switch index {
        case ..<20: (b & c | ~b & d) &+ 0x5A82_7999
        case ..<40: (b ^ c ^ d) &+ 0x6ED9_EBA1
        case ..<60: (b & c | b & d | c & d) &+ 0x8F1B_BCDC
        default: (b ^ c ^ d) &+ 0xCA62_C1D6
        }
    }
}

extension FixedWidthInteger {
    fileprivate var networkBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }

    fileprivate func rotated(left count: Int) -> Self {
        self << count | self >> (Self.bitWidth - count)
    }
}
