public import CarafeWebSocketCodec
public import CarafeWebSocketTransport
public import HTTPTypes
public import NIOCore
package import NIOPosix

/// Options of a WebSocket client: its handshake, and limits for the server.
///
/// The limits of a connection are options too: `options.messageLimit = 4096`.
@dynamicMemberLookup
public struct WebSocketClientOptions: Sendable {
    /// Further fields of the request: `Authorization`, `Cookie`, `Origin`.
    public var headers: HTTPFields = [:]

    /// The subprotocols of the client, its favourite first (RFC 6455 §1.9).
    public var subprotocols: [String] = []

    /// The compression that is offered (RFC 7692), or nil for none.
    public var compression: DeflateOptions? = DeflateOptions()

    /// A PEM file with the certificates that are trusted for `wss`, such as one of your own; nil for those of the
    /// system.
    public var trustedCertificates: String?

    /// The time that connecting and the server's answer may take together: 10 seconds.
    public var handshakeTimeout = Duration.seconds(10)

    /// Bytes in the head of the server's answer: 16 KiB.
    public var handshakeLimit = 16 << 10

    /// Limits of the connection, which bound the cost of the server.
    public var limits = ConnectionLimits()

    /// The event loops for the connection; by default the process's own.
    public var eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

    /// The source of the addresses of a name; nil for the system.
    package var resolver: (any Resolver & Sendable)?

    /// Creates the default options.
    public init() {}

    /// A limit of the connection.
    public subscript<Value>(dynamicMember limit: WritableKeyPath<ConnectionLimits, Value>) -> Value {
        get { limits[keyPath: limit] }
        set { limits[keyPath: limit] = newValue }
    }
}
