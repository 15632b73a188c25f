import CarafeApp
import CarafeRuntime
import NIOCore
import NIOPosix

/// The largest body in bytes that is compressed on the event loop at once, in a quarter of a millisecond. A larger one
/// goes to another thread, and the hop takes part of that time itself.
private let loopLength = 16 << 10
/// The number of bytes of a large body that are compressed at a time.
private let pieceLength = 64 << 10

/// Compresses bodies by gzip (RFC 1952).
struct GzipBody: Sendable {
    let level: Int

    /// Returns the compressed body, or nil if it is not shorter.
    func body(of body: ResponseBody) -> ResponseBody? {
        switch body {
        case .none: nil
        case .text(let text): self.body(of: .bytes(ByteBuffer(string: text)))
        case .bytes(let bytes) where bytes.readableBytes <= loopLength: whole(bytes).map(ResponseBody.bytes)
        case .bytes(let bytes):
            pieces(bytes.readableBytes) { bytes.getSlice(at: bytes.readerIndex + $0, length: $1) ?? ByteBuffer() }
        case .file(let file):
            pieces(file.count) { FileSlice(file.file, offset: file.offset + $0, count: $1).read() }
        case .stream(let produce): stream(produce)
        }
    }

    private func whole(_ bytes: ByteBuffer) -> ByteBuffer? {
        // No larger than the body: creating a compressor of 32 KiB and clearing its 256 KiB costs more than a small
        // body.
        let bits = max(9, Int.bitWidth - max(bytes.readableBytes - 1, 1).leadingZeroBitCount)
        let gzip = GzipStream(level: level, windowBits: min(bits, 15), memoryLevel: min(max(bits - 7, 1), 8))
        let output = gzip.compress(bytes, .finish)
        return output.readableBytes < bytes.readableBytes ? output : nil
    }

    /// Returns a body in memory or a file, compressed while it is sent. Never more than one piece of it is in memory
    /// twice.
    private func pieces(_ length: Int, _ read: @escaping @Sendable (_ offset: Int, _ count: Int) -> ByteBuffer)
        -> ResponseBody
    {
        .stream { [level] writer in
            let gzip = GzipStream(level: level, windowBits: 15, memoryLevel: 8)
            var offset = 0
            while offset < length {
                let start = offset
                let count = min(pieceLength, length - start)
                let output = try await NIOThreadPool.singleton.runIfActive {
                    let piece = read(start, count)
                    // The file has become shorter meanwhile: the client must not take it for complete.
                    guard piece.readableBytes == count else { throw ChannelError.inappropriateOperationForState }
                    return gzip.compress(piece, start + count == length ? .finish : .none)
                }
                try await writer.write(output)
                offset += count
            }
        }
    }

    /// Returns a stream that is compressed and flushed piece by piece, so that each piece arrives as soon as it is
    /// written.
    private func stream(_ produce: @escaping @Sendable (BodyWriter) async throws -> Void) -> ResponseBody {
        .stream { [level] writer in
            // It may last, and there may be many: 40 KiB instead of 260, for output that is 8% longer.
            let gzip = GzipStream(level: level, windowBits: 12, memoryLevel: 5)
            // Several tasks may write, and the compressor's output must be sent in order.
            let mutex = AsyncMutex()
            try await produce(
                BodyWriter { piece in
                    try await mutex.withLock {
                        let output =
                            piece.readableBytes <= loopLength
                            ? gzip.compress(piece, .sync)
                            : try await NIOThreadPool.singleton.runIfActive { gzip.compress(piece, .sync) }
                        try await writer.write(output)
                    }
                })
            try await mutex.withLock { try await writer.write(gzip.compress(ByteBuffer(), .finish)) }
        }
    }
}
