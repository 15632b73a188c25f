import CCarafeZlib
import NIOCore

/// A compressor of zlib, making raw deflate data (RFC 1951).
///
/// Sendable without a check, because only `Deflater` has one, and changes it only while it is the sole owner.
final class DeflateStream: @unchecked Sendable {
    /// In memory of its own, because zlib's state points back at it: it must not move. Freed in `deinit`, and never
    /// handed out.
    private let stream: UnsafeMutablePointer<z_stream>

    init(windowBits: Int, compressionLevel: Int, memoryLevel: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // zlib's raw deflate knows no window of 256 bytes. With Z_RLE it looks back by one byte only, and so keeps to
        // whatever window was agreed; 9 is then just what zlib works with.
        let status = deflateInit2_(
            stream,
            Int32(compressionLevel),
            Z_DEFLATED,
            -Int32(max(windowBits, 9)),
            Int32(memoryLevel),
            windowBits < 9 ? Z_RLE : Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        // DeflateOptions has checked the numbers, so only memory can be missing, for which Swift has no error either.
        precondition(status == Z_OK, "expected zlib \(ZLIB_VERSION) to make a compressor, found status \(status)")
    }

    init(copying other: DeflateStream) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateCopy(stream, other.stream)
        precondition(status == Z_OK, "expected zlib to copy a compressor, found status \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func reset() {
        deflateReset(stream)
    }

    /// Compresses the bytes and flushes, so that the output ends with 00 00 FF FF; nil if it is longer than the limit,
    /// after which the stream must be reset.
    func deflate(_ bytes: ByteBuffer, limit: Int) -> ByteBuffer? {
        var output = ByteBuffer()
        return bytes.withUnsafeReadableBytes { input in
            // zlib only reads there, during this closure; a ByteBuffer has less than 4 GiB.
            let first = input.assumingMemoryBound(to: UInt8.self).baseAddress
            stream.pointee.next_in = UnsafeMutablePointer(mutating: first)
            stream.pointee.avail_in = UInt32(input.count)
            defer { stream.pointee.next_in = nil }
            repeat {
                // One more than the limit, because zlib.h has a flush done only when the output has space left.
                let room = limit + 1 - output.readableBytes
                guard room > 0 else { return nil }
                let likely = max(bytes.readableBytes / 4, output.readableBytes) + 64
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: min(likely, room)) { space in
                    flush(into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(room)))
                }
            } while stream.pointee.avail_out == 0
            return output
        }
    }

    private func flush(into space: UnsafeMutableRawBufferPointer) -> Int {
        stream.pointee.next_out = space.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(space.count)
        // Z_BUF_ERROR, the only status but Z_OK that can come here, means that there was nothing to do.
        _ = CCarafeZlib.deflate(stream, Z_SYNC_FLUSH)
        return space.count - Int(stream.pointee.avail_out)
    }
}
