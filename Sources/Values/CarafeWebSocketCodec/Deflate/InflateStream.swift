import CCarafeZlib
import NIOCore

/// A decompressor of zlib, reading raw deflate data (RFC 1951).
///
/// Sendable without a check, because only `Inflater` has one, and changes it only while it is the sole owner.
final class InflateStream: @unchecked Sendable {
    /// In memory of its own, because zlib's state points back at it: it must not move. Freed in `deinit`, and never
    /// handed out.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Whether a final block has just ended.
    private var isAfterFinalBlock = false

    init(windowBits: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, -Int32(windowBits), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        // The number was checked by Inflater, so only memory can be missing, for which Swift has no error either.
        precondition(status == Z_OK, "expected zlib \(ZLIB_VERSION) to make a decompressor, found status \(status)")
    }

    init(copying other: InflateStream) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateCopy(stream, other.stream)
        precondition(status == Z_OK, "expected zlib to copy a decompressor, found status \(status)")
        isAfterFinalBlock = other.isAfterFinalBlock
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func reset() {
        inflateReset(stream)
        isAfterFinalBlock = false
    }

    /// Whether the last block has ended, at the end of a byte.
    var isBetweenBlocks: Bool {
        // zlib.h, inflate(): in data_type 128 stands for the end of a block, and the low bits count those unused.
        isAfterFinalBlock || stream.pointee.data_type & 128 != 0 && stream.pointee.data_type & 63 == 0
    }

    /// The result of a step.
    enum Outcome {
        case needsInput
        case needsSpace
        case corrupt
        case outOfMemory
    }

    /// Decompresses until the input is used up or the space is full, and says how many bytes were written.
    func inflate(_ input: inout ByteBuffer, into space: UnsafeMutableRawBufferPointer) -> (Outcome, written: Int) {
        stream.pointee.next_out = space.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: space.count)
        let offered = stream.pointee.avail_out
        var status = Z_OK
        input.readWithUnsafeReadableBytes { bytes in
            // zlib only reads there, during this closure; a ByteBuffer has less than 4 GiB.
            let first = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            stream.pointee.next_in = UnsafeMutablePointer(mutating: first)
            stream.pointee.avail_in = UInt32(bytes.count)
            status = inflateBlocks()
            stream.pointee.next_in = nil
            return bytes.count - Int(stream.pointee.avail_in)
        }
        return (outcome(status), Int(offered - stream.pointee.avail_out))
    }

    private func inflateBlocks() -> Int32 {
        repeat {
            if isAfterFinalBlock {
                guard stream.pointee.avail_in > 0 else { return Z_OK }
                // RFC 7692 §7.2.3.4: a final block ends neither the message nor, with context takeover, the window,
                // which inflateReset would drop.
                inflateResetKeep(stream)
            }
            let status = CCarafeZlib.inflate(stream, Z_SYNC_FLUSH)
            isAfterFinalBlock = status == Z_STREAM_END
            guard isAfterFinalBlock else { return status }
        } while stream.pointee.avail_out > 0
        return Z_OK
    }

    private func outcome(_ status: Int32) -> Outcome {
        switch status {
        // Z_BUF_ERROR only says that nothing could be done without more input or space.
        case Z_OK, Z_BUF_ERROR: stream.pointee.avail_out == 0 ? .needsSpace : .needsInput
        case Z_MEM_ERROR: .outOfMemory
        default: .corrupt
        }
    }
}
