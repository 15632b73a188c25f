/// The four bytes that a client's payload is combined with (RFC 6455 §5.3).
package struct MaskingKey: Sendable, Hashable {
    /// The key's first byte in the lowest place, whatever the machine's byte order.
    var bits: UInt32

    init(bits: UInt32) {
        self.bits = bits
    }

    /// The key with these bytes, in the order of the wire.
    package init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        bits = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16 | UInt32(fourth) << 24
    }

    /// A fresh key.
    ///
    /// RFC 6455 §5.3 wants it unpredictable, so outside tests the generator must be a cryptographic one.
    package static func random(using generator: inout some RandomNumberGenerator) -> MaskingKey {
        MaskingKey(bits: generator.next())
    }

    /// A fresh key from the system's random numbers.
    package static func random() -> MaskingKey {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// Masks or unmasks the bytes where they lie, and turns the key so that the next call goes on after them.
    ///
    /// RFC 6455 §5.3: octet i is combined with octet i MOD 4 of the key, so a payload may come in pieces of any length.
    package mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        // Raw pointers, because the loop must become vector instructions: no bounds check may stay inside it. All
        // accesses are at offset ..< bytes.count; loadUnaligned and storeBytes need no alignment.
        guard let base = bytes.baseAddress else { return }
        let word = UInt64(bits) | UInt64(bits) << 32
        let pattern = SIMD4<UInt64>(repeating: word.littleEndian)
        var offset = 0
        let vectorsEnd = bytes.count & ~31
        while offset < vectorsEnd {
            let vector = base.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
            base.storeBytes(of: vector ^ pattern, toByteOffset: offset, as: SIMD4<UInt64>.self)
            offset &+= 32
        }
        while offset &+ 8 <= bytes.count {
            let value = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            base.storeBytes(of: value ^ word.littleEndian, toByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        var rest = word
        while offset < bytes.count {
            let value = base.load(fromByteOffset: offset, as: UInt8.self)
            base.storeBytes(of: value ^ UInt8(truncatingIfNeeded: rest), toByteOffset: offset, as: UInt8.self)
            rest >>= 8
            offset &+= 1
        }
        turn(by: bytes.count)
    }

    private mutating func turn(by count: Int) {
        let shift = UInt32(truncatingIfNeeded: count & 3) * 8
        bits = bits &>> shift | bits &<< (32 &- shift)
    }
}
