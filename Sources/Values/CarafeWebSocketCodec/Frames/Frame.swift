public import NIOCore

/// One frame to send. `FrameEncoder` writes it.
public struct Frame: Sendable, Hashable {
    /// The kind of the frame.
    public var opcode: Opcode

    /// The bytes after the header, unmasked.
    public var payload: ByteBuffer

    /// FIN: the last frame of its message.
    public var isFinal: Bool

    /// RSV1: the message is compressed (RFC 7692 §6).
    public var reserved1: Bool

    /// A frame as given; for a message sent piece by piece as it is made.
    ///
    /// The first piece has the opcode of its kind, the others `.continuation`, and only the last is final
    /// (RFC 6455 §5.4). Cut text anywhere, even inside a character. Nothing is checked here.
    public init(opcode: Opcode, payload: ByteBuffer, isFinal: Bool = true, reserved1: Bool = false) {
        self.opcode = opcode
        self.payload = payload
        self.isFinal = isFinal
        self.reserved1 = reserved1
    }
}

extension Frame {
    /// A whole message in one frame.
    public static func message(_ message: Message) -> Frame {
        Frame(opcode: message.kind.opcode, payload: message.bytes)
    }

    /// A message in frames of at most so many payload bytes; an empty message is one empty frame.
    public static func fragments(of message: Message, length: Int) -> [Frame] {
        precondition(length > 0, "expected fragments of at least 1 byte, found \(length)")
        var rest = message.bytes
        var frames: [Frame] = []
        repeat {
            // Never nil, as the length is at most the readable length; an empty buffer would stand for the same.
            let payload = rest.readSlice(length: min(length, rest.readableBytes)) ?? ByteBuffer()
            let opcode = frames.isEmpty ? message.kind.opcode : .continuation
            frames.append(Frame(opcode: opcode, payload: payload, isFinal: rest.readableBytes == 0))
        } while rest.readableBytes > 0
        return frames
    }

    /// Asks the peer for a pong with the same payload of at most 125 bytes.
    public static func ping(_ payload: ByteBuffer = ByteBuffer()) throws(ControlPayloadError) -> Frame {
        guard payload.readableBytes <= 125 else { throw ControlPayloadError(found: payload.readableBytes) }
        return Frame(opcode: .ping, payload: payload)
    }

    /// Answers a ping, with its payload (RFC 6455 §5.5.3).
    ///
    /// Precondition: at most 125 bytes, which is true of every ping that a `MessageDecoder` hands out.
    public static func pong(_ payload: ByteBuffer = ByteBuffer()) -> Frame {
        precondition(payload.readableBytes <= 125, "expected at most 125 bytes, found \(payload.readableBytes)")
        return Frame(opcode: .pong, payload: payload)
    }

    /// Begins or answers the closing handshake (RFC 6455 §5.5.1, §7.1.2).
    ///
    /// Never fails: a code that may not be on the wire is left out, and with it the reason; a reason of more than 123
    /// bytes is cut after a whole character.
    public static func close(_ code: CloseCode? = nil, reason: String = "") -> Frame {
        Frame(opcode: .close, payload: ClosePayload(sending: code, reason: reason).bytes)
    }
}

extension Message.Kind {
    var opcode: Opcode {
        switch self {
        case .text: .text
        case .binary: .binary
        }
    }
}

/// A control frame would be longer than RFC 6455 §5.5 allows.
public struct ControlPayloadError: Error, Hashable, CustomStringConvertible {
    /// In bytes.
    public var found: Int

    /// The limit and the length that was found.
    public var description: String { "expected at most 125 bytes in a control frame, found \(found)" }
}
