public import CarafeWebSocketCodec
import CarafeWebSocketConnection
public import NIOCore

/// What a WebSocket route allows; the defaults are safe for pages of the same site.
public struct WebSocketOptions: Sendable {
    /// Which pages may connect, by the `Origin` that their browser sends; others get 403.
    public var origins = OriginPolicy.sameHost

    /// What the app speaks, its favourite first (RFC 6455 §1.9).
    public var subprotocols: [String] = []

    /// Bytes in a message: 1 MiB. A longer one is refused from its frame header with 1009.
    public var messageLimit = 1 << 20

    /// Frames in a message: 131072. More are refused with 1008.
    public var fragmentLimit = 131_072

    /// Bytes of received messages that wait for the handler: 256 KiB. Past it the socket is not read.
    public var inboundLimit = 256 << 10

    /// Bytes that rooms may leave waiting for a peer that does not read: 4 MiB, a few of the longest messages. Past it
    /// the peer is closed with 1013.
    public var outboundLimit = 4 << 20

    /// How messages are compressed for peers that can (RFC 7692), or nil for not at all.
    ///
    /// On: with the defaults an idle connection costs nothing for it and a short message goes as it is; JSON of 1 KiB
    /// becomes a third for 6 µs, and a room pays that once for each event loop, not for each member.
    public var compression: DeflateOptions? = DeflateOptions()

    /// Open sockets of this route: 100,000. A further handshake is answered 503.
    public var connectionLimit = 100_000

    /// Open sockets of this route from one address; not limited, since behind a proxy all clients have the proxy's.
    public var connectionLimitPerAddress = Int.max

    /// Pings that the peer may send in a second: 10. More are answered by a close with 1008.
    public var pingLimit = 10

    /// How often the peer is pinged: 20 seconds.
    public var pingInterval = TimeAmount.seconds(20)

    /// After so many intervals without a byte the peer counts as gone: 2.
    public var silentIntervals = 2

    /// How long the peer may take to answer a close: 5 seconds.
    public var closeTimeout = TimeAmount.seconds(5)

    public init() {}

    var connectionSettings: WebSocketConnectionSettings {
        WebSocketConnectionSettings(
            limits: Limits(messageLength: messageLimit, fragments: fragmentLimit),
            inboundLimit: inboundLimit,
            outboundLimit: outboundLimit,
            pingLimit: pingLimit,
            pingInterval: pingInterval,
            silentIntervals: silentIntervals,
            closeTimeout: closeTimeout
        )
    }
}
