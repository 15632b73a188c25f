import NIOCore

/// Messages in, frames out: decides for one connection which messages are compressed (RFC 7692 §6.1, §7.2.1).
///
/// Each message is one frame: compressed if that was negotiated, if it reaches the threshold and if it got smaller;
/// as it is if not. The frames must be sent in the order in which they were made.
package struct MessageEncoder: Sendable {
    private let role: Role
    private let parameters: DeflateParameters?
    private var deflater: Deflater?

    /// - Parameter deflate: what was agreed for compression; nil for none.
    package init(role: Role, deflate parameters: DeflateParameters? = nil) {
        self.role = role
        self.parameters = parameters
    }

    /// Whether this connection holds a compressor of its own, which only context takeover makes it do.
    package var hasContext: Bool { deflater != nil }

    /// The frame of a message, compressed by the pool's compressors, or with context takeover by one of its own.
    package mutating func frame(for message: Message, pool: inout DeflaterPool) -> Frame {
        guard let payload = compress(message, &pool) else { return .message(message) }
        return Frame(opcode: message.kind.opcode, payload: payload, reserved1: true)
    }

    /// The frame of a message that many connections send: the compressed one if this connection may send it.
    package mutating func frame(for message: SharedMessage) -> Frame {
        guard message.isCompressed(for: parameters, sender: role), let compressed = message.compressed else {
            return message.plain
        }
        // The peer's window has moved on by a message that our compressor has not seen.
        deflater?.reset()
        return compressed
    }

    /// Frees the compressor, for example when the connection has been idle for a while.
    ///
    /// Always allowed: the next message just cannot refer to what came before.
    package mutating func releaseContext() {
        deflater = nil
    }

    private mutating func compress(_ message: Message, _ pool: inout DeflaterPool) -> ByteBuffer? {
        guard let parameters else { return nil }
        let windowBits = parameters.maxWindowBits(ofSender: role)
        if parameters.noContextTakeover(ofSender: role) {
            return pool.compress(message, windowBits: windowBits)
        }
        let length = message.bytes.readableBytes
        guard length >= max(pool.options.threshold, 1) else { return nil }
        var current = deflater ?? Deflater(windowBits: windowBits, options: pool.options)
        // Given up here, so that `current` is the only owner and is not copied.
        deflater = nil
        defer { deflater = current }
        return current.deflate(message.bytes, limit: length - 1)
    }
}
