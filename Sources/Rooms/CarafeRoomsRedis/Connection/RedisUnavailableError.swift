/// The reason why a command has no reply.
package enum RedisUnavailableError: Error, Sendable, Equatable {
    /// There is no connection now.
    case notConnected
    /// The commands that wait for their replies are as many, or have as many bytes, as the limit allows.
    case tooManyPending(limit: Int)
    /// The reply did not come before the deadline, and the connection was closed.
    case timedOut(Duration)
    /// The connection ended before the reply came.
    case connectionEnded(String)
}

extension RedisUnavailableError {
    /// Whether the server may have run the command nevertheless.
    package var mayHaveRun: Bool {
        switch self {
        case .notConnected, .tooManyPending: false
        case .timedOut, .connectionEnded: true
        }
    }
}

extension RedisUnavailableError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notConnected: "expected a connection to Redis, found none"
        case .tooManyPending(let limit): "expected at most \(limit) commands or bytes that wait for Redis, found more"
        case .timedOut(let deadline): "expected a reply of Redis within \(deadline), found none"
        case .connectionEnded(let reason): "expected a reply of Redis, found the end of the connection: \(reason)"
        }
    }
}
