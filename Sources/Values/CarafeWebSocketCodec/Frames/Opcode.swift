/// What a frame carries (RFC 6455 §5.2).
///
/// The reserved opcodes have no case: a frame with one of them fails the connection.
public enum Opcode: UInt8, Sendable, Hashable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Whether the frame is about the connection and not part of a message.
    public var isControl: Bool {
        // RFC 6455 §5.5: control frames are those whose opcode has its top bit set.
        rawValue & 0x8 != 0
    }
}
