import CarafeRooms
import CarafeWebSocketCodec
import NIOCore

/// The bytes of a post in Redis, which the nodes of several versions of a program read.
///
/// ```
/// version (1) | kind (1) | the name of a change or removal, or a message:
/// flags (1) | audience: count (4), each length (4) and bytes | subject: length (4) and bytes | bytes
/// ```
enum PostCodec {
    private static let version: UInt8 = 1

    private enum Kind: UInt8 {
        case text = 0
        case binary
        case joined
        case left
        case `break`
        case removal
    }

    private static let hasAudience: UInt8 = 1
    private static let hasSubject: UInt8 = 2

    static func encode(_ post: RoomPost) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(post.message.bytes.readableBytes + 64)
        bytes.writeInteger(version)
        switch post.kind {
        case .message: write(post, to: &bytes)
        case .change(.joined(let name)): write(.joined, Array(name.utf8), to: &bytes)
        case .change(.left(let name)): write(.left, Array(name.utf8), to: &bytes)
        case .break: write(.break, [], to: &bytes)
        case .removal(let name): write(.removal, name, to: &bytes)
        }
        return bytes
    }

    private static func write(_ kind: Kind, _ name: [UInt8], to bytes: inout ByteBuffer) {
        bytes.writeInteger(kind.rawValue)
        bytes.writeBytes(name)
    }

    private static func write(_ post: RoomPost, to bytes: inout ByteBuffer) {
        bytes.writeInteger(post.message.kind == .text ? Kind.text.rawValue : Kind.binary.rawValue)
        bytes.writeInteger((post.audience == nil ? 0 : hasAudience) | (post.subject == nil ? 0 : hasSubject))
        if let audience = post.audience {
            bytes.writeInteger(UInt32(audience.count))
            for name in audience { bytes.writeField(name) }
        }
        if let subject = post.subject { bytes.writeField(subject) }
        bytes.writeImmutableBuffer(post.message.bytes)
    }

    /// - Returns: Nil for bytes that are not a post of this version.
    static func decode(_ bytes: ByteBuffer) -> RoomPost? {
        var bytes = bytes
        guard bytes.readInteger(as: UInt8.self) == version, let number = bytes.readInteger(as: UInt8.self),
            let kind = Kind(rawValue: number)
        else { return nil }
        switch kind {
        case .text: return readMessage(&bytes) { Message(utf8: $0) }
        case .binary: return readMessage(&bytes) { .binary($0) }
        case .joined: return String(validating: bytes.readableBytesView, as: UTF8.self).map { .change(.joined($0)) }
        case .left: return String(validating: bytes.readableBytesView, as: UTF8.self).map { .change(.left($0)) }
        case .break: return .break
        case .removal: return .removal(of: Array(bytes.readableBytesView))
        }
    }

    private static func readMessage(_ bytes: inout ByteBuffer, _ message: (ByteBuffer) -> Message?) -> RoomPost? {
        guard let flags = bytes.readInteger(as: UInt8.self), flags & ~(hasAudience | hasSubject) == 0 else {
            return nil
        }
        var audience: [[UInt8]]?
        if flags & hasAudience != 0 {
            guard let count = bytes.readInteger(as: UInt32.self) else { return nil }
            var names: [[UInt8]] = []
            for _ in 0..<count {
                guard let name = bytes.readField() else { return nil }
                names.append(name)
            }
            audience = names
        }
        var subject: [UInt8]?
        if flags & hasSubject != 0 {
            guard let field = bytes.readField() else { return nil }
            subject = field
        }
        return message(bytes).map { RoomPost($0, to: audience, about: subject) }
    }
}

extension ByteBuffer {
    fileprivate mutating func writeField(_ field: [UInt8]) {
        writeInteger(UInt32(field.count))
        writeBytes(field)
    }

    fileprivate mutating func readField() -> [UInt8]? {
        guard let count = readInteger(as: UInt32.self), count <= readableBytes else { return nil }
        return readBytes(length: Int(count))
    }
}
