public import NIOCore

/// One WebSocket message: bytes, and whether they are text.
///
/// The bytes of a text message are UTF-8: checked on the way in, and true of every way to make one. A `String` is made
/// only when someone asks for `text`; a server that just passes messages on never makes one.
///
/// ```swift
/// switch message.kind {
/// case .text: print(message.text ?? "")
/// case .binary: store(message.bytes)
/// }
/// ```
///
/// or, where only text matters, `if let text = message.text { … }`.
public struct Message: Sendable, Hashable {
    /// The two kinds of messages (RFC 6455 §5.6).
    public enum Kind: Sendable, Hashable {
        case text
        case binary
    }

    /// Whether the bytes are text.
    public let kind: Kind

    /// The payload, unmasked and whole.
    ///
    /// It may be a slice of what one read brought, and keeps that storage alive. Copy it (`ByteBuffer(bytes:)`) to hold
    /// on to a small message for long.
    public let bytes: ByteBuffer

    /// Takes bytes that are known to fit their kind.
    package init(kind: Kind, uncheckedBytes bytes: ByteBuffer) {
        self.kind = kind
        self.bytes = bytes
    }

    /// A text message of bytes that are UTF-8 already, or nil if they are not.
    public init?(utf8 bytes: ByteBuffer) {
        var validator = UTF8Validator()
        guard validator.accept(bytes), validator.isComplete else { return nil }
        self.init(kind: .text, uncheckedBytes: bytes)
    }

    /// A text message.
    public static func text(_ text: String) -> Message {
        Message(kind: .text, uncheckedBytes: ByteBuffer(string: text))
    }

    /// A binary message.
    public static func binary(_ bytes: ByteBuffer) -> Message {
        Message(kind: .binary, uncheckedBytes: bytes)
    }

    /// A binary message.
    public static func binary(_ bytes: some Sequence<UInt8>) -> Message {
        Message(kind: .binary, uncheckedBytes: ByteBuffer(bytes: bytes))
    }

    /// The text, decoded at each call; nil for a binary message.
    public var text: String? {
        switch kind {
        case .text: String(buffer: bytes)
        case .binary: nil
        }
    }
}
