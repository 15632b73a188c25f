package import NIOCore

/// The bytes around the data of chunks (RFC 9112 §7.1).
package enum ChunkFraming {
    /// Bytes that the framing of one chunk takes at most.
    package static let length = 20

    /// Writes the size in hexadecimal, after which the data follows.
    package static func writeHead(of count: Int, into output: inout ByteBuffer) {
        output.writeString(String(count, radix: 16))
        output.writeStaticString("\r\n")
    }

    /// Writes the end of a chunk, after its data.
    package static func writeEnd(into output: inout ByteBuffer) {
        output.writeStaticString("\r\n")
    }

    /// Writes the last chunk, without trailers.
    package static func writeLast(into output: inout ByteBuffer) {
        output.writeStaticString("0\r\n\r\n")
    }
}
