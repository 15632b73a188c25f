package import NIOCore

/// The framing of a response's body (RFC 9112 §6).
package enum ResponseFraming: Sendable, Equatable {
    /// No body and no length: 1xx, 204, 304.
    case none
    case length(Int)
    case chunked
    /// To a client of HTTP/1.0, a body of unknown length ends with the connection.
    case untilClose

    /// - Parameters:
    ///   - status: The status code.
    ///   - length: The length of the body, where it is known.
    ///   - isVersion11: Whether the client speaks HTTP/1.1.
    package init(status: Int, length: Int?, isVersion11: Bool) {
        if status < 200 || status == 204 || status == 304 {
            self = .none
        } else if let length {
            self = .length(length)
        } else {
            self = isVersion11 ? .chunked : .untilClose
        }
    }

    /// Writes the field for it, if there is one.
    package func writeField(into output: inout ByteBuffer) {
        switch self {
        case .length(let length):
            output.writeStaticString("content-length: ")
            output.writeString(String(length))
            output.writeStaticString("\r\n")
        case .chunked: output.writeStaticString("transfer-encoding: chunked\r\n")
        case .none, .untilClose: break
        }
    }
}
