import CarafeHTTP
import CarafeRuntime
import NIOCore

/// What tells the content of a file from what it was before, the same on each server that has it.
///
/// FNV-1a with 64 bits: against accident, not against malice; whoever can change the files needs no collision.
enum Fingerprint {
    private static let pieceLength = 256 << 10

    static func of(_ file: Representation) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var offset = 0
        while offset < file.status.size {
            let piece = file.read(offset..<min(offset + pieceLength, file.status.size))
            // The file has become shorter: its next state gets another fingerprint.
            if piece.readableBytes == 0 { break }
            piece.withUnsafeReadableBytes { bytes in
                for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            }
            offset += piece.readableBytes
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
