package import NIOCore

/// Compresses messages for permessage-deflate (RFC 7692 §7.2.1).
///
/// A value: a copy goes its own way. What one costs is in `DeflateOptions.deflaterByteCount(windowBits:)`.
package struct Deflater: Sendable {
    /// The window reaches back 2 to the power of this many bytes.
    package let windowBits: Int

    private var stream: DeflateStream
    private var isFresh = true

    /// - Parameters:
    ///   - windowBits: what was agreed for our side, 8 to 15. With 8 only repetitions of one byte are found.
    ///   - options: level and memory.
    package init(windowBits: Int = 15, options: DeflateOptions = DeflateOptions()) {
        precondition((8...15).contains(windowBits), "expected 8 to 15 window bits, found \(windowBits)")
        self.windowBits = windowBits
        stream = DeflateStream(
            windowBits: windowBits,
            compressionLevel: options.compressionLevel,
            memoryLevel: options.memoryLevel
        )
    }

    /// The payload of a message, or of a fragment that is not the last of its message.
    ///
    /// What came before, since the last reset, is the context of it.
    package mutating func deflate(_ bytes: ByteBuffer, isLast: Bool = true) -> ByteBuffer {
        // Never nil without a limit; an empty payload would only fail to be read.
        deflate(bytes, isLast: isLast, limit: .max / 2) ?? ByteBuffer()
    }

    /// The payload of a whole message if it has at most that many bytes; if not, nil, and the context is forgotten.
    mutating func deflate(_ bytes: ByteBuffer, isLast: Bool = true, limit: Int) -> ByteBuffer? {
        guard bytes.readableBytes > 0 else {
            // RFC 7692 §7.2.3.6: an empty block, because zlib does not flush twice when nothing came between.
            return isLast ? ByteBuffer(bytes: [0x00]) : ByteBuffer()
        }
        makeUnique()
        isFresh = false
        guard var payload = stream.deflate(bytes, limit: limit + Self.tailLength) else {
            reset()
            return nil
        }
        if isLast {
            // RFC 7692 §7.2.1: the 00 00 FF FF at the end of a flush is not sent.
            payload.moveWriterIndex(to: payload.writerIndex - Self.tailLength)
        }
        return payload
    }

    /// Forgets the context, like a new compressor: the next message can be read without those before it.
    package mutating func reset() {
        guard !isFresh else { return }
        makeUnique()
        stream.reset()
        isFresh = true
    }

    private static let tailLength = 4

    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&stream) {
            stream = DeflateStream(copying: stream)
        }
    }
}
