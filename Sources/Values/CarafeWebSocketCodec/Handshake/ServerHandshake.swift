/// The server's yes to a handshake (RFC 6455 §4.2.2).
package struct ServerHandshake: Sendable, Hashable {
    /// The value of `Sec-WebSocket-Accept`.
    package let accept: String

    /// The subprotocol that both sides speak, or nil: the connection then goes on without one.
    package let subprotocol: String?

    /// The agreed compression, or nil: the connection then goes on without it.
    package let deflate: DeflateNegotiation?

    /// Checks the request.
    ///
    /// - Parameters:
    ///   - subprotocols: what this server speaks, its favourite first. The client's order does not count.
    ///   - deflate: how this server compresses; nil for not at all.
    package init(
        answering request: HandshakeRequest,
        subprotocols: [String] = [],
        deflate options: DeflateOptions? = nil
    ) throws(HandshakeError) {
        guard request.asksForWebSocket else { throw .notWebSocket }
        guard request.method == "GET" else { throw .method(found: request.method) }
        guard request.version?.trimmed == "13" else { throw .version(found: request.version) }
        // RFC 6455 §11.3.1: the field must not come twice; a value that was joined by a comma is no base64.
        guard let key = request.key?.trimmed, Base64.isSixteenBytes(key) else { throw .key(found: request.key) }
        accept = AcceptValue.make(for: key)
        let offered = try Self.offered(request.subprotocols)
        subprotocol = subprotocols.first { offered.contains($0) }
        if let options {
            deflate = try DeflateNegotiation(answering: request.extensions, options: options)
        } else {
            _ = try DeflateNegotiation.list(request.extensions)
            deflate = nil
        }
    }

    /// RFC 6455 §4.2.1: "any violations of the ABNF grammar" end the handshake.
    private static func offered(_ subprotocols: String?) throws(HandshakeError) -> [String] {
        guard let subprotocols else { return [] }
        guard let tokens = FieldList(subprotocols).tokens else { throw .subprotocols(found: subprotocols) }
        return tokens
    }

    /// The fields of the 101 answer.
    package var fields: [(name: String, value: String)] {
        var fields = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)]
        if let subprotocol { fields.append(("Sec-WebSocket-Protocol", subprotocol)) }
        if let deflate { fields.append(("Sec-WebSocket-Extensions", deflate.fieldValue)) }
        return fields
    }
}

/// The answer to a key: proof that the server speaks WebSocket and has read this request (RFC 6455 §4.2.2).
package enum AcceptValue {
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    package static func make(for key: String) -> String {
        Base64.encode(SHA1.digest((key + suffix).utf8))
    }
}
