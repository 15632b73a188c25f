package import NIOCore

/// The header of a frame (RFC 6455 §5.2).
package struct FrameHeader: Sendable, Hashable {
    /// FIN: the last frame of its message.
    package var isFinal: Bool

    /// RSV1: belongs to the negotiated extension; for permessage-deflate "this message is compressed" (RFC 7692 §6).
    package var reserved1: Bool

    package var opcode: Opcode

    /// The key that the payload is masked with; nil in a frame from a server.
    package var maskingKey: MaskingKey?

    /// In bytes.
    package var payloadLength: Int

    package init(
        isFinal: Bool = true,
        reserved1: Bool = false,
        opcode: Opcode,
        maskingKey: MaskingKey? = nil,
        payloadLength: Int
    ) {
        self.isFinal = isFinal
        self.reserved1 = reserved1
        self.opcode = opcode
        self.maskingKey = maskingKey
        self.payloadLength = payloadLength
    }

    /// The header's own length: 2 to 14 bytes.
    package var encodedLength: Int {
        let length =
            switch payloadLength {
            case ...125: 2
            case ...0xFFFF: 4
            default: 10
            }
        return maskingKey == nil ? length : length + 4
    }

    /// Appends the header as it goes over the wire, with the shortest form of the length.
    package func write(to buffer: inout ByteBuffer) {
        let first = (isFinal ? 0x80 : 0) | (reserved1 ? 0x40 : 0) | opcode.rawValue
        let masked: UInt8 = maskingKey == nil ? 0 : 0x80
        switch payloadLength {
        case ...125:
            buffer.writeMultipleIntegers(first, masked | UInt8(payloadLength))
        case ...0xFFFF:
            buffer.writeMultipleIntegers(first, masked | 126, UInt16(payloadLength))
        default:
            buffer.writeMultipleIntegers(first, masked | 127, UInt64(payloadLength))
        }
        if let maskingKey {
            buffer.writeInteger(maskingKey.bits, endianness: .little)
        }
    }
}

extension FrameHeader {
    /// Reads the header at the front of the bytes; nil if it is not whole yet.
    ///
    /// Throws what can be wrong with a header on its own; `FrameSequence` judges it among the others.
    static func parse(_ bytes: RawSpan) throws(ProtocolError) -> (header: FrameHeader, length: Int)? {
        guard bytes.byteCount >= 2 else { return nil }
        let first = bytes.unsafeLoadUnaligned(as: UInt8.self)
        let second = bytes.unsafeLoadUnaligned(fromByteOffset: 1, as: UInt8.self)

        // RFC 6455 §5.2: RSV2 and RSV3 must be 0 unless negotiated, and no extension that we know uses them.
        guard first & 0x30 == 0 else { throw .protocolError("expected RSV2 and RSV3 to be 0") }
        guard let opcode = Opcode(rawValue: first & 0x0F) else {
            throw .protocolError("expected a known opcode, found \(first & 0x0F)")
        }
        let isMasked = second & 0x80 != 0
        let lengthEnd =
            switch second & 0x7F {
            case 127: 10
            case 126: 4
            default: 2
            }
        let end = isMasked ? lengthEnd + 4 : lengthEnd
        guard bytes.byteCount >= end else { return nil }
        let header = FrameHeader(
            isFinal: first & 0x80 != 0,
            reserved1: first & 0x40 != 0,
            opcode: opcode,
            maskingKey: isMasked ? MaskingKey(bits: bytes.maskingBits(at: lengthEnd)) : nil,
            payloadLength: try parseLength(second & 0x7F, bytes)
        )
        return (header, end)
    }

    private static func parseLength(_ short: UInt8, _ bytes: RawSpan) throws(ProtocolError) -> Int {
        // RFC 6455 §5.2: the minimal number of bytes must be used, and the top bit of a 64-bit length must be 0.
        switch short {
        case 127:
            let length = bytes.integer(at: 2, as: UInt64.self)
            guard length > 0xFFFF else { throw .protocolError("expected the shortest form of length \(length)") }
            guard let length = Int(exactly: length) else { throw .protocolError("expected a length below 2^63") }
            return length
        case 126:
            let length = bytes.integer(at: 2, as: UInt16.self)
            guard length > 125 else { throw .protocolError("expected the shortest form of length \(length)") }
            return Int(length)
        default:
            return Int(short)
        }
    }
}

extension RawSpan {
    /// The integer in network byte order at the offset.
    ///
    /// "Unsafe" in the name of the load means that not every type may be read from raw bytes; an integer may, and the
    /// bounds are checked.
    fileprivate func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
        Value(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// A masking key's bits: its first byte in the lowest place.
    fileprivate func maskingBits(at offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

/// The kind of a frame (RFC 6455 §5.2).
///
/// The reserved opcodes have no case: a frame with one of them fails the connection.
public enum Opcode: UInt8, Sendable, Hashable {
    /// 0: goes on with the message of the frame before.
    case continuation = 0x0

    /// 1: begins a text message.
    case text = 0x1

    /// 2: begins a binary message.
    case binary = 0x2

    /// 8: begins or answers the closing handshake.
    case close = 0x8

    /// 9: asks for a pong.
    case ping = 0x9

    /// 10: answers a ping.
    case pong = 0xA

    /// Whether the frame is about the connection and not part of a message.
    public var isControl: Bool {
        // RFC 6455 §5.5: control frames are those whose opcode has its top bit set.
        rawValue & 0x8 != 0
    }
}
