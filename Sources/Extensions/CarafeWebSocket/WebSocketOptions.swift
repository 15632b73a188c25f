public import CarafeWebSocketCodec
public import CarafeWebSocketTransport

/// Options of a WebSocket route; the defaults are safe for pages of the same site.
///
/// The limits of a connection are options too: `options.messageLimit = 4096`.
@dynamicMemberLookup
public struct WebSocketOptions: Sendable {
    /// Which pages may connect, by the `Origin` that their browser sends; others get 403.
    public var origins = OriginPolicy.sameHost

    /// The subprotocols of the app, its favourite first (RFC 6455 §1.9).
    public var subprotocols: [String] = []

    /// The compression for peers that can (RFC 7692), or nil for none.
    ///
    /// On: with the defaults an idle connection costs nothing for it and a short message goes as it is; JSON of 1 KiB
    /// becomes a third for 6 µs, and a room pays that once for each event loop, not for each member.
    public var compression: DeflateOptions? = DeflateOptions()

    /// Open sockets of this route: 100,000. A further handshake is answered 503.
    public var connectionLimit = 100_000

    /// Open sockets of this route from one address, of IPv6 from its first 64 bits; not limited, since behind a proxy
    /// all clients have the proxy's address.
    public var connectionLimitPerAddress = Int.max

    /// Bytes in the header of a handshake: 16 KiB, which is also the server's own limit for it. More are answered 431.
    public var handshakeLimit = 16 << 10

    /// The time that the handler may take until it answers the handshake: 10 seconds. Then the client gets 503, and the
    /// handler is cancelled.
    public var handshakeTimeout = Duration.seconds(10)

    /// Limits of each connection, which bound the cost of one peer.
    public var limits = ConnectionLimits()

    /// Creates the default options.
    public init() {}

    /// A limit of each connection.
    public subscript<Value>(dynamicMember limit: WritableKeyPath<ConnectionLimits, Value>) -> Value {
        get { limits[keyPath: limit] }
        set { limits[keyPath: limit] = newValue }
    }
}
