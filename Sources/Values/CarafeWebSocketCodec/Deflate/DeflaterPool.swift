import NIOCore

/// The compressors that all connections of one event loop share, made when first needed.
///
/// What they make can be read without what was sent before, so it does not matter whose message came last. There is
/// at most one compressor for each size of a window, which bounds the memory.
package struct DeflaterPool: Sendable {
    package let options: DeflateOptions

    private var deflaters: [Int: Deflater] = [:]

    package init(options: DeflateOptions = DeflateOptions()) {
        self.options = options
    }

    /// Makes a message ready for many connections: framed as it is, and compressed once.
    ///
    /// - Parameter windowBits: the window to compress with; no more is used than the message is long.
    package mutating func share(_ message: Message, windowBits: Int = 15) -> SharedMessage {
        SharedMessage(message, compressed: compress(message, windowBits: windowBits), windowBits: windowBits)
    }

    /// Frees all memory.
    package mutating func release() {
        deflaters = [:]
    }

    /// The bytes that the compressors cost, after `DeflateOptions.deflaterByteCount(windowBits:)`.
    package var byteCount: Int {
        deflaters.keys.reduce(0) { $0 + options.deflaterByteCount(windowBits: $1) }
    }

    /// The compressed payload, or nil if the message is below the threshold or would not get smaller.
    mutating func compress(_ message: Message, windowBits: Int) -> ByteBuffer? {
        guard message.bytes.readableBytes >= max(options.threshold, 1) else { return nil }
        let limit = message.bytes.readableBytes - 1
        let options = options
        return deflaters[windowBits, default: Deflater(windowBits: windowBits, options: options)]
            .deflateAlone(message.bytes, limit: limit)
    }
}

extension Deflater {
    fileprivate mutating func deflateAlone(_ bytes: ByteBuffer, limit: Int) -> ByteBuffer? {
        reset()
        return deflate(bytes, limit: limit)
    }
}
