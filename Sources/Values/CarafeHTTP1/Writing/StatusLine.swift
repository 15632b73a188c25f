package import NIOCore

/// The status line of a response (RFC 9112 §4).
package struct StatusLine {
    @usableFromInline let code: Int
    @usableFromInline let reasonPhrase: String

    @inlinable
    package init(code: Int, reasonPhrase: String) {
        self.code = code
        self.reasonPhrase = reasonPhrase
    }

    /// Writes the line.
    @inlinable
    package func write(into output: inout ByteBuffer) {
        if code == 200 {
            output.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            output.writeString("HTTP/1.1 \(code) \(reasonPhrase)\r\n")
        }
    }

    /// Writes the whole interim response that asks for the body (RFC 9110 §15.2.1).
    package static func writeContinue(into output: inout ByteBuffer) {
        output.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
    }
}
