/// A limit of a client's time; one of them runs at a time.
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
}
