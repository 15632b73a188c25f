import CCarafeZlib
import NIOCore

/// A compressor of zlib, making one gzip member (RFC 1952).
///
/// Sendable without a check: whoever has one uses it from one place at a time, on the loop or on another thread.
final class GzipStream: @unchecked Sendable {
    enum Flush {
        /// What is not worth sending yet stays inside.
        case none
        /// All that was given can be read by the other side.
        case sync
        /// The end.
        case finish

        fileprivate var code: Int32 {
            switch self {
            case .none: Z_NO_FLUSH
            case .sync: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        }
    }

    /// In memory of its own, because zlib's state points back at it: it must not move. Freed in `deinit`, and never
    /// handed out.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameters:
    ///   - level: from 1, the fastest, to 9.
    ///   - windowBits: 9 to 15; the window is 2 to that power, and takes four times that memory.
    ///   - memoryLevel: 1 to 9; 2 to the power of 9 more bytes.
    init(level: Int, windowBits: Int, memoryLevel: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // zlib.h: 16 more makes gzip of it.
        let status = deflateInit2_(
            stream, Int32(level), Z_DEFLATED, Int32(windowBits + 16), Int32(memoryLevel), Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        // The numbers are right, so only memory can be missing, for which Swift has no error either.
        precondition(status == Z_OK, "expected zlib \(ZLIB_VERSION) to make a compressor, found status \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses bytes, and gives what there is to send.
    func compress(_ bytes: ByteBuffer, _ flush: Flush) -> ByteBuffer {
        var output = ByteBuffer()
        bytes.withUnsafeReadableBytes { input in
            // zlib only reads there, during this closure; a ByteBuffer has less than 4 GiB.
            let first = input.assumingMemoryBound(to: UInt8.self).baseAddress
            stream.pointee.next_in = UnsafeMutablePointer(mutating: first)
            stream.pointee.avail_in = UInt32(input.count)
            defer { stream.pointee.next_in = nil }
            // zlib.h: there is more as long as the output was filled.
            repeat {
                let likely = max(bytes.readableBytes / 4, output.readableBytes) + 64
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: likely) { room in
                    stream.pointee.next_out = room.assumingMemoryBound(to: UInt8.self).baseAddress
                    stream.pointee.avail_out = UInt32(room.count)
                    // Z_BUF_ERROR, the only status but success that can come here, means that there was nothing to do.
                    _ = deflate(stream, flush.code)
                    return room.count - Int(stream.pointee.avail_out)
                }
            } while stream.pointee.avail_out == 0
        }
        return output
    }
}
