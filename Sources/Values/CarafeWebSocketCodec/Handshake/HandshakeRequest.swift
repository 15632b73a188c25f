/// The parts of an HTTP request that the handshake reads.
///
/// A field that came in several lines is one value, joined by commas (RFC 9110 §5.3); one that did not come is nil.
package struct HandshakeRequest: Sendable, Hashable {
    /// For example `GET`.
    package var method: String

    /// Whether the request is HTTP/1.1 or later.
    package var isHTTP11: Bool

    /// `Upgrade`
    package var upgrade: String?

    /// `Connection`
    package var connection: String?

    /// `Sec-WebSocket-Version`
    package var version: String?

    /// `Sec-WebSocket-Key`
    package var key: String?

    /// `Sec-WebSocket-Protocol`
    package var subprotocols: String?

    /// `Sec-WebSocket-Extensions`
    package var extensions: String?

    package init(
        method: String,
        isHTTP11: Bool = true,
        upgrade: String?,
        connection: String?,
        version: String?,
        key: String?,
        subprotocols: String? = nil,
        extensions: String? = nil
    ) {
        self.method = method
        self.isHTTP11 = isHTTP11
        self.upgrade = upgrade
        self.connection = connection
        self.version = version
        self.key = key
        self.subprotocols = subprotocols
        self.extensions = extensions
    }

    /// Whether the client wants this request to become a WebSocket at all.
    ///
    /// False means: answer it as the plain HTTP request that it is.
    package var asksForWebSocket: Bool {
        // RFC 9110 §7.8: a server must ignore Upgrade in a request of HTTP/1.0.
        isHTTP11
            && FieldList(upgrade).contains(token: "websocket")
            && FieldList(connection).contains(token: "upgrade")
    }
}
