package import NIOCore

/// A command: its name and arguments, which RESP2 sends as an array of bulk strings.
package struct RedisCommand: Sendable, Equatable {
    /// A word of a command.
    package enum Argument: Sendable, Equatable {
        case text(String)
        case bytes(ByteBuffer)
        case integer(Int)
    }

    package var arguments: [Argument]

    package init(_ arguments: Argument...) {
        self.arguments = arguments
    }

    package init(_ arguments: [Argument]) {
        self.arguments = arguments
    }

    /// About as many bytes as the encoding has.
    package var size: Int {
        arguments.reduce(16) { $0 + $1.size + 16 }
    }

    /// Appends the command's encoding.
    package func write(to buffer: inout ByteBuffer) {
        buffer.writeHeader("*", arguments.count)
        for argument in arguments { argument.write(to: &buffer) }
    }
}

extension RedisCommand.Argument: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        self = .text(text)
    }
}

extension RedisCommand.Argument {
    fileprivate var size: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.readableBytes
        case .integer: 8
        }
    }

    fileprivate func write(to buffer: inout ByteBuffer) {
        switch self {
        case .text(let text):
            buffer.writeHeader("$", text.utf8.count)
            buffer.writeString(text)
        case .bytes(let bytes):
            buffer.writeHeader("$", bytes.readableBytes)
            buffer.writeImmutableBuffer(bytes)
        case .integer(let number):
            let digits = String(number)
            buffer.writeHeader("$", digits.utf8.count)
            buffer.writeString(digits)
        }
        buffer.writeStaticString("\r\n")
    }
}

extension ByteBuffer {
    /// Writes `*3` or `$12`, and the end of the line.
    fileprivate mutating func writeHeader(_ kind: StaticString, _ count: Int) {
        writeStaticString(kind)
        // A `String` of up to 15 bytes is not allocated.
        writeString(String(count))
        writeStaticString("\r\n")
    }
}
