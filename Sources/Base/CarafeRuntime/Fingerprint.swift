package import NIOCore

/// Tells a content from what it was before, the same in every run and on every server that has it.
///
/// FNV-1a with 64 bits: against accident, not against malice.
package struct Fingerprint: Sendable {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package init(of bytes: ByteBuffer) {
        self.init()
        add(bytes)
    }

    /// Goes on with the next bytes of the content.
    package mutating func add(_ bytes: ByteBuffer) {
        // The bytes are read here and not kept; a loop over a view of them takes several times as long.
        bytes.withUnsafeReadableBytes { bytes in
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
    }

    /// 16 digits.
    package var text: String { hash.hexadecimal }
}
