public import CarafeWebSocketCodec
public import CarafeWebSocketTransport
public import HTTPTypes
public import NIOCore
package import NIOPosix

/// How a client opens a WebSocket, and what it allows the server.
///
/// The limits of a connection are options too: `options.messageLimit = 4096`.
@dynamicMemberLookup
public struct WebSocketClientOptions: Sendable {
    /// Further fields of the request: `Authorization`, `Cookie`, `Origin`.
    public var headers: HTTPFields = [:]

    /// What the client speaks, its favourite first (RFC 6455 §1.9).
    public var subprotocols: [String] = []

    /// The compression that is offered (RFC 7692), or nil for none.
    public var compression: DeflateOptions? = DeflateOptions()

    /// A PEM file with the certificates that are trusted for `wss`, such as one of your own; nil for those of the
    /// system.
    public var trustedCertificates: String?

    /// How long connecting and the server's answer may take together: 10 seconds.
    public var handshakeTimeout = TimeAmount.seconds(10)

    /// Bytes in the head of the server's answer: 16 KiB.
    public var handshakeLimit = 16 << 10

    /// What the server may cost.
    public var limits = ConnectionLimits()

    /// Where the connection runs; by default on the process's own event loops.
    public var eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

    /// Where the addresses of a name come from; nil for the system.
    package var resolver: (any Resolver & Sendable)?

    public init() {}

    public subscript<Value>(dynamicMember limit: WritableKeyPath<ConnectionLimits, Value>) -> Value {
        get { limits[keyPath: limit] }
        set { limits[keyPath: limit] = newValue }
    }
}
