/// A fault of the peer after which the connection must be failed (RFC 6455 §7.1.7).
package struct ProtocolError: Error, Sendable, Hashable {
    /// The code of the close frame that answers the fault.
    package var code: CloseCode

    /// The expected and the found, short enough for a close frame.
    package var reason: String

    package init(code: CloseCode, reason: String) {
        self.code = code
        self.reason = reason
    }

    static func protocolError(_ reason: String) -> ProtocolError {
        ProtocolError(code: .protocolError, reason: reason)
    }

    static func messageTooBig(limit: Int) -> ProtocolError {
        ProtocolError(code: .messageTooBig, reason: "expected a message of at most \(limit) bytes")
    }

    static let invalidText = ProtocolError(code: .invalidPayload, reason: "expected UTF-8 in a text message")
}
