/// The limits and deadlines of a client of Redis.
package struct RedisOptions: Sendable {
    /// The time for the reply to a command, after which the connection is closed.
    package var commandDeadline = Duration.seconds(2)
    /// The time to open a connection, the handshakes included.
    package var connectDeadline = Duration.seconds(2)
    /// The time between two `PING`s of a connection.
    package var pingInterval = Duration.seconds(5)
    /// The most commands that wait for their replies.
    package var pendingLimit = 10_000
    /// The most bytes of the commands that wait for their replies.
    package var pendingSizeLimit = 64 << 20
    /// The most bytes of a reply.
    package var replySizeLimit = 64 << 20
    /// The name of the connections in `CLIENT LIST`, without spaces.
    package var name = "carafe"
    /// A file in PEM with the certificates that may sign the server's; nil for the system's.
    package var trustedCertificates: String?

    package init() {}
}
