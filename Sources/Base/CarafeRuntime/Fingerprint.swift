package import NIOCore

/// A fingerprint of a content, the same in each run and on each server.
///
/// FNV-1a with 64 bits: it protects against accident, not against malice.
package struct Fingerprint: Sendable {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package init(of bytes: ByteBuffer) {
        self.init()
        add(bytes)
    }

    /// Adds the next bytes of the content.
    package mutating func add(_ bytes: ByteBuffer) {
        // The bytes are read here and not kept; a loop over a view of them takes several times as long.
        bytes.withUnsafeReadableBytes { bytes in
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
    }

    /// The fingerprint in 16 hexadecimal digits.
    package var text: String { hash.hexadecimal }
}
