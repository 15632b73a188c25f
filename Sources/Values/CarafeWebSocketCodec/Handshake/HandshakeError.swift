/// Why a request does not become a WebSocket (RFC 6455 §4.2.1), and the HTTP answer that says so.
package enum HandshakeError: Error, Sendable, Hashable {
    /// The request does not ask for the upgrade.
    case notWebSocket

    /// RFC 6455 §4.1: the method must be GET.
    case method(found: String)

    /// RFC 6455 §4.4: only version 13 is spoken; nil if the request names none.
    case version(found: String?)

    /// RFC 6455 §4.1: the key must be 16 bytes in base64; nil if the request has none.
    case key(found: String?)

    /// RFC 6455 §4.3: the subprotocols must be a list of tokens.
    case subprotocols(found: String)

    /// RFC 6455 §9.1: the extensions must have the form that is given there.
    case extensions(found: String)

    /// The status code of the answer.
    package var status: Int {
        switch self {
        case .notWebSocket, .version: 426
        case .method: 405
        case .key, .subprotocols, .extensions: 400
        }
    }

    /// The fields that the answer needs.
    package var fields: [(name: String, value: String)] {
        switch self {
        // RFC 9110 §15.5.22: a 426 names the protocols to upgrade to; in HTTP/1.1 Connection lists the field (§7.8).
        case .notWebSocket: [("Upgrade", "websocket"), ("Connection", "Upgrade")]
        // RFC 6455 §4.2.2: the answer to an unknown version names the known ones.
        case .version: [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")]
        // RFC 9110 §15.5.6: a 405 lists the allowed methods.
        case .method: [("Allow", "GET")]
        case .key, .subprotocols, .extensions: []
        }
    }
}

extension HandshakeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notWebSocket: "expected a WebSocket handshake, found a plain HTTP request"
        case .method(let found): "expected a WebSocket handshake by GET, found \(found)"
        case .version(let found): "expected Sec-WebSocket-Version 13, found \(found ?? "none")"
        case .key(let found): "expected a Sec-WebSocket-Key of 16 bytes in base64, found \(found ?? "none")"
        case .subprotocols(let found): "expected a list of tokens in Sec-WebSocket-Protocol, found \(found)"
        case .extensions(let found): "expected a list of extensions in Sec-WebSocket-Extensions, found \(found)"
        }
    }
}
