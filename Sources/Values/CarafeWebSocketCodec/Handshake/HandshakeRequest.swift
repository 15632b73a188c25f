/// What the handshake looks at in an HTTP request.
///
/// A field that came in several lines is one value, joined by commas (RFC 9110 §5.3); one that did not come is nil.
public struct HandshakeRequest: Sendable, Hashable {
    /// For example `GET`.
    public var method: String

    /// Whether the request is HTTP/1.1 or later.
    public var isHTTP11: Bool

    /// `Upgrade`
    public var upgrade: String?

    /// `Connection`
    public var connection: String?

    /// `Sec-WebSocket-Version`
    public var version: String?

    /// `Sec-WebSocket-Key`
    public var key: String?

    /// `Sec-WebSocket-Protocol`
    public var subprotocols: String?

    /// `Sec-WebSocket-Extensions`
    public var extensions: String?

    public init(
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
    public var asksForWebSocket: Bool {
        // RFC 9110 §7.8: a server must ignore Upgrade in a request of HTTP/1.0.
        isHTTP11
            && FieldList(upgrade).contains(token: "websocket")
            && FieldList(connection).contains(token: "upgrade")
    }
}
