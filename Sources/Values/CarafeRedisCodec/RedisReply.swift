package import NIOCore

/// A reply of Redis in RESP2.
package enum RedisReply: Sendable, Equatable {
    /// A line, such as `OK`.
    case simple(String)
    /// The command failed; the connection goes on.
    case error(RedisError)
    case integer(Int)
    /// Bytes.
    case bulk(ByteBuffer)
    /// A key or an element that does not exist.
    case null
    indirect case array([RedisReply])
}

extension RedisReply {
    /// The text of a line or of bytes in UTF-8; nil for all others.
    package var text: String? {
        switch self {
        case .simple(let line): line
        case .bulk(let bytes): bytes.getString(at: bytes.readerIndex, length: bytes.readableBytes)
        case .error, .integer, .null, .array: nil
        }
    }

    /// The number, also where it comes as text, as numbers from a script or a field do.
    package var number: Int? {
        if case .integer(let number) = self { number } else { text.flatMap { Int($0) } }
    }

    /// The elements; nil for a reply that is not an array.
    package var elements: [RedisReply]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The kind of the reply, for the text of an error; never the reply's content.
    package var kind: String {
        switch self {
        case .simple: "a line"
        case .error(let error): "the error \(error.code)"
        case .integer: "an integer"
        case .bulk(let bytes): "\(bytes.readableBytes) bytes"
        case .null: "null"
        case .array(let elements): "an array of \(elements.count)"
        }
    }
}
