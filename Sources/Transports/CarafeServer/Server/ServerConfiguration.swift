public import Logging

/// The address that a server listens on, and what it allows its clients.
public struct ServerConfiguration: Sendable {
    /// A name or an address; `0.0.0.0` and `::` listen on all interfaces.
    public var host: String

    /// 0 takes a free port.
    public var port: Int

    /// Event loops, each a thread; nil makes one for each core.
    public var threads: Int?

    /// The set-up of new connections; nil for HTTP/1.1 without TLS.
    package var connectionSetup: (any ConnectionSetup)?

    /// Connections that wait to be accepted.
    public var backlog: Int32 = 1024

    /// Bounds on a request's head.
    public var limits = Limits()
    /// The times that a client may take.
    public var timeouts = Timeouts()

    /// Whether each answered request is logged, at `info`.
    public var accessLog = true

    /// Gets the access log and what goes wrong.
    public var logger: Logger

    /// The defaults are for trying an app on one's own machine.
    public init(
        host: String = "127.0.0.1", port: Int = 9988, threads: Int? = nil, logger: Logger = Logger(label: "carafe")
    ) {
        self.host = host
        self.port = port
        self.threads = threads
        self.logger = logger
    }

    /// Bounds on a request's head, in bytes, past which the client gets 414 or 431 and is cut off, and on connections.
    ///
    /// Bodies have their limit in the app and its routes.
    public struct Limits: Sendable {
        /// The bytes of the request line: 8 KiB.
        public var requestLineBytes = 8 << 10
        /// The bytes of all header fields together: 16 KiB.
        public var headerBytes = 16 << 10
        /// The number of header fields: 100.
        public var headerFields = 100
        /// Open connections: 100,000, idle ones and WebSockets included. A further client gets 503 (RFC 9110 §15.6.4)
        /// and is cut off.
        public var connections = 100_000
        /// Open connections from one address, of IPv6 from its first 64 bits; not limited, since behind a proxy all
        /// clients have the proxy's.
        public var connectionsPerAddress = Int.max
    }

    /// The times that a client may take. Past one the connection is closed, after a 408 where a request had begun.
    public struct Timeouts: Sendable {
        /// From the first byte of a head to its end: 10 seconds.
        public var head = Duration.seconds(10)
        /// A body that brings less than `bodyRate` is cut after this grace: 10 seconds.
        public var body = Duration.seconds(10)
        /// Bytes per second that a body must bring on average: 1 KiB.
        public var bodyRate = 1 << 10
        /// Between two requests, and before the first: 60 seconds.
        public var idle = Duration.seconds(60)
        /// Without the client taking anything of a waiting response: 30 seconds. On Linux also of what has left for the
        /// kernel (TCP_USER_TIMEOUT), so that a client that has vanished from an event stream is noticed.
        public var write = Duration.seconds(30)
        /// After the last response, for a client that sends nothing more to close: 5 seconds; one that goes on sending
        /// is cut after six times that (RFC 9112 §9.6). While the server stops, it has a second.
        public var linger = Duration.seconds(5)
        /// For what runs to finish when the server stops: 10 seconds.
        public var shutdown = Duration.seconds(10)
    }
}
