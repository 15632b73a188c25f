package import NIOCore

/// What a client has a limited time for; one of them runs at a time.
package enum Deadline: Sendable, CaseIterable {
    /// The first byte of a request.
    case idle
    /// The end of a request's head.
    case head
    /// The next bytes of a request's body.
    case body
    /// Reading some of a response that waits.
    case write
    /// Closing the connection, or ending the request, after the last response.
    case linger

    /// How long a client has for it.
    package func time(_ timeouts: ServerConfiguration.Timeouts) -> TimeAmount {
        switch self {
        case .idle: timeouts.idle
        case .head: timeouts.head
        case .body: timeouts.body
        case .write: timeouts.write
        case .linger: timeouts.linger
        }
    }
}
