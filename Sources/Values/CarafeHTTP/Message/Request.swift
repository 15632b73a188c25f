import CarafeRuntime
public import HTTPTypes
public import Logging
public import NIOCore

/// A request on its way through middleware to its handler.
public struct Request: Sendable {
    /// The method: GET, POST and the like.
    public var method: HTTPRequest.Method

    /// The path and the query. Inside a mounted app the path begins after the mount point.
    public var target: Target

    /// The header fields.
    public var headers: Headers
    /// The body, which is read on demand.
    public var body: RequestBody

    /// The values that hooks and middleware leave for handlers, found by type: `request.values[Session.self]`.
    public var values = Values()

    /// The path at which the app that handles the request is mounted, percent-encoded; empty at the root.
    public package(set) var mountPoint = ""

    /// The connection by which the request came.
    public let connection: Connection

    /// The number that `id` shows.
    package let number: UInt64

    /// The context that all requests of an app share; the app reads it as `context`.
    package var appContext: (any RequestContext)?

    /// The host of an absolute-form target.
    package var authority: String?

    /// The protocols to which the client would change, in its order (RFC 9110 §7.8) and in lower case.
    package var upgrade: String?

    /// The facts about the client that a trusted proxy states.
    package var forwarding: Forwarding?

    /// The texts of the route's parameters, decoded.
    package var arguments: [String] = []

    /// The id and the logger that the app has set.
    private var given: Given?

    // A class, so that it costs a request without them one word only.
    private final class Given: Sendable {
        /// Nil stands for `number`.
        let id: String?
        /// Nil stands for the connection's.
        let logger: Logger?

        init(id: String?, logger: Logger?) {
            self.id = id
            self.logger = logger
        }
    }

    /// Creates a request by hand, for a server or a test of your own.
    ///
    /// - Parameters:
    ///   - method: The method: GET, POST and the like.
    ///   - target: The path and the query, percent-encoded: `/users/5?full=1`.
    ///   - authority: The host and optional port of the request; it becomes the `Host` field.
    ///   - headers: The other header fields.
    ///   - body: The body, at hand.
    ///   - connection: The connection by which it came.
    /// - Throws: `TargetError` for a target that does not begin with a slash or names no path.
    public init(
        method: HTTPRequest.Method, target: String, authority: String? = nil, headers: HTTPFields = [:],
        body: ByteBuffer = ByteBuffer(), connection: Connection
    ) throws(TargetError) {
        guard let parsed = Target(target) else { throw TargetError(target: target) }
        var fields = Headers(headers)
        // `HTTPFields` keeps the host apart.
        if let authority { fields.lines.writeString("Host: \(authority)\r\n") }
        self.init(
            method: method, target: parsed, headers: fields, body: RequestBody(body), connection: connection)
    }

    package init(
        method: HTTPRequest.Method, target: Target, headers: Headers, body: RequestBody = RequestBody(),
        connection: Connection
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.connection = connection
        number = connection.takeRequestNumber()
    }

    /// The percent-decoded path, for people. Routes match the encoded path segment by segment.
    public var path: String { percentDecoded(target.path) ?? target.path }

    /// The names and values of the query.
    public var query: Form { Form(target.query ?? "") }

    /// Returns the value of a cookie, percent-decoded.
    ///
    /// - Parameter name: The name of the cookie.
    /// - Returns: The value, or nil without the cookie.
    public func cookie(_ name: String) -> String? {
        headers[.cookie].flatMap { Cookie.parse($0)[name] }
    }

    /// The host and optional port of the request, as the client wrote them. Never use it unchecked in a link.
    public var host: String? { forwarding?.host ?? authority ?? headers.values(of: "host").first }

    /// The client's IP address as text; behind a proxy that the app does not trust (`TrustedProxies`), the proxy's.
    public var remoteAddress: String? { forwarding?.address ?? connection.peerAddress?.ipAddress }

    /// The client's address, of IPv6 its first 64 bits, all of which one client may have (RFC 4291 §2.5.4).
    public var remoteNetwork: String { remoteAddress.map(IPAddress.network) ?? "" }

    /// Whether the client's connection is encrypted: `https` and `wss`.
    public var isSecure: Bool { forwarding?.isSecure ?? connection.isSecure }

    /// The identifier that distinguishes this request in the log: 16 hexadecimal digits, unless another was set.
    ///
    /// The lines of the request's logger carry it, and its line of the access log where `onRequest`, a middleware or a
    /// hook has set it.
    public var id: String {
        get { given?.id ?? RequestID.text(number) }
        set {
            var logger = given?.logger
            logger?[metadataKey: RequestID.key] = "\(newValue)"
            given = Given(id: newValue, logger: logger)
        }
    }

    /// The server's logger; its lines carry this request's `id` as `request.id`.
    ///
    /// Metadata that `onRequest`, a middleware or a hook adds is in the lines of the handlers behind it, and in the
    /// request's line of the access log: `request.logger[metadataKey: "user"] = "ann"`.
    public var logger: Logger {
        get {
            if let logger = given?.logger { return logger }
            var logger = connection.logger
            logger[metadataKey: RequestID.key] = "\(id)"
            return logger
        }
        set { given = Given(id: given?.id, logger: newValue) }
    }

    /// The metadata that the access log shows beside the request's number.
    var logMetadata: Logger.Metadata? {
        guard let given else { return nil }
        var metadata = given.logger?.handler.metadata ?? [:]
        if let id = given.id { metadata[RequestID.key] = "\(id)" }
        return metadata
    }
}

/// A value that an app attaches to each of its requests.
package protocol RequestContext: AnyObject, Sendable {}
