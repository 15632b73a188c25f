import CCarafeZlib
import NIOCore

/// A reader of gzip for tests: it returns the text so far, and knows whether the end has come.
final class Gunzip {
    private var stream = z_stream()
    private(set) var isAtEnd = false

    init() {
        // zlib.h: 16 more is gzip, and nothing else.
        inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    }

    deinit {
        inflateEnd(&stream)
    }

    /// Returns the text that these bytes add; nil for bytes that are not gzip.
    func read(_ bytes: ByteBuffer) -> String? {
        var output: [UInt8] = []
        var input = Array(bytes.readableBytesView)
        let isFine = input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            var room = [UInt8](repeating: 0, count: 64 << 10)
            repeat {
                let status = room.withUnsafeMutableBufferPointer { room in
                    stream.next_out = room.baseAddress
                    stream.avail_out = UInt32(room.count)
                    return inflate(&stream, Z_NO_FLUSH)
                }
                guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return false }
                isAtEnd = status == Z_STREAM_END || isAtEnd
                output += room.prefix(room.count - Int(stream.avail_out))
            } while stream.avail_out == 0
            return true
        }
        return isFine ? String(decoding: output, as: UTF8.self) : nil
    }

    /// The whole of a body that is complete.
    static func whole(_ bytes: ByteBuffer) -> String? {
        let reader = Gunzip()
        return reader.read(bytes).flatMap { reader.isAtEnd ? $0 : nil }
    }
}
