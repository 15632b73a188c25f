import CCarafeZlib
import NIOCore

/// A compressor of zlib that makes one gzip member (RFC 1952).
///
/// Sendable without a check: it is used from one place at a time, on the event loop or on another thread.
final class GzipStream: @unchecked Sendable {
    enum Flush {
        /// Output that is not worth sending yet stays inside.
        case none
        /// The other side can read everything that was given.
        case sync
        /// The stream ends.
        case finish

        fileprivate var code: Int32 {
            switch self {
            case .none: Z_NO_FLUSH
            case .sync: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        }
    }

    /// The state of zlib, allocated by itself, because it contains pointers to itself and must not move. It is freed in
    /// `deinit`, and never handed out.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Creates a compressor.
    ///
    /// - Parameters:
    ///   - level: 1, the fastest, to 9.
    ///   - windowBits: 9 to 15. The window is 2 to that power, and takes four times that memory.
    ///   - memoryLevel: 1 to 9, for 2 to the power of 9 more bytes.
    init(level: Int, windowBits: Int, memoryLevel: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // zlib.h: 16 more selects gzip.
        let status = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, Int32(windowBits + 16), Int32(memoryLevel), Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        // The arguments are valid, so only memory can be missing, for which Swift has no error either.
        precondition(status == Z_OK, "expected zlib \(ZLIB_VERSION) to make a compressor, found status \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses bytes, and returns the bytes to send.
    func compress(_ bytes: ByteBuffer, _ flush: Flush) -> ByteBuffer {
        var output = ByteBuffer()
        bytes.withUnsafeReadableBytes { input in
            // zlib only reads there, during this closure; a ByteBuffer has less than 4 GiB.
            let first = input.assumingMemoryBound(to: UInt8.self).baseAddress
            stream.pointee.next_in = UnsafeMutablePointer(mutating: first)
            stream.pointee.avail_in = UInt32(input.count)
            defer { stream.pointee.next_in = nil }
            // zlib.h: more output is waiting as long as the buffer was filled.
            repeat {
                let likely = max(bytes.readableBytes / 4, output.readableBytes) + 64
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: likely) { space in
                    stream.pointee.next_out = space.assumingMemoryBound(to: UInt8.self).baseAddress
                    stream.pointee.avail_out = UInt32(space.count)
                    // Z_BUF_ERROR, the only other status possible here, means that there was nothing to do.
                    _ = deflate(stream, flush.code)
                    return space.count - Int(stream.pointee.avail_out)
                }
            } while stream.pointee.avail_out == 0
        }
        return output
    }
}
