import NIOCore

/// A message made ready for many connections: one frame as it is, and one compressed once for all that can read it.
///
/// The compressed one can be read without what was sent before, so any connection with compression takes it whose
/// window is large enough, with or without context takeover: a sender may always forget its context (RFC 7692 §7.1.1).
/// `MessageEncoder.frame(for:)` sees to that.
package struct SharedMessage: Sendable, Hashable {
    /// The message as it is, for connections without compression.
    package let plain: Frame

    /// The message compressed; nil if it is below the threshold or did not get smaller.
    package let compressed: Frame?

    /// The window that a reader of `compressed` must have.
    package let windowBits: Int

    init(_ message: Message, compressed payload: ByteBuffer?, windowBits: Int) {
        plain = .message(message)
        compressed = payload.map { Frame(opcode: message.kind.opcode, payload: $0, reserved1: true) }
        // No distance is longer than the message, so a short one fits small windows however it was compressed.
        let lengthBits = Int.bitWidth - max(message.bytes.readableBytes - 1, 0).leadingZeroBitCount
        self.windowBits = min(windowBits, max(8, lengthBits))
    }

    /// Whether `compressed` is there and may be sent on a connection with these parameters; if not, `plain` may.
    package func isCompressed(for parameters: DeflateParameters?, sender role: Role = .server) -> Bool {
        guard compressed != nil, let parameters else { return false }
        return windowBits <= parameters.maxWindowBits(ofSender: role)
    }
}
