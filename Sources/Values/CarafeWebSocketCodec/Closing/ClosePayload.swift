import NIOCore

/// The payload of a close frame: nothing, or a code and a reason (RFC 6455 §5.5.1).
struct ClosePayload: Sendable, Hashable {
    var code: CloseCode?
    var reason: String

    init(parsing payload: ByteBuffer) throws(ProtocolError) {
        guard payload.readableBytes > 0 else {
            self.init(code: nil, reason: "")
            return
        }
        var rest = payload
        guard let rawCode = rest.readInteger(as: UInt16.self) else {
            throw .protocolError("expected a close code of 2 bytes, found 1 byte")
        }
        let code = CloseCode(rawValue: rawCode)
        guard code.isAllowedOnWire else {
            throw .protocolError("expected a close code that may be sent, found \(code)")
        }
        guard let reason = Message(utf8: rest)?.text else {
            throw ProtocolError(code: .invalidPayload, reason: "expected UTF-8 in a close reason")
        }
        self.init(code: code, reason: reason)
    }

    /// Keeps the parts of a code and a reason that may be sent.
    ///
    /// 1005, 1006 and 1015 say that there was no code, and none must be sent (RFC 6455 §7.4.1): they and all other
    /// codes that may not be on the wire are left out, and with them the reason. A reason that is too long is cut.
    init(sending code: CloseCode?, reason: String) {
        guard let code, code.isAllowedOnWire else {
            self.init(code: nil, reason: "")
            return
        }
        self.init(code: code, reason: Self.cut(reason))
    }

    private init(code: CloseCode?, reason: String) {
        self.code = code
        self.reason = reason
    }

    var bytes: ByteBuffer {
        guard let code else { return ByteBuffer() }
        var bytes = ByteBuffer()
        bytes.reserveCapacity(2 + reason.utf8.count)
        bytes.writeInteger(code.rawValue)
        bytes.writeString(reason)
        return bytes
    }

    /// RFC 6455 §5.5: 125 bytes in all, two of them the code. The cut must not leave half a character.
    private static func cut(_ reason: String) -> String {
        guard reason.utf8.count > 123 else { return reason }
        var length = 0
        let kept = reason.unicodeScalars.prefix { scalar in
            length += UTF8.width(scalar)
            return length <= 123
        }
        return String(kept)
    }
}
