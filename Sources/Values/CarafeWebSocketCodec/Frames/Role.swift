/// The side of the connection that this codec works for.
///
/// A client masks the frames that it sends, a server does not (RFC 6455 §5.1); a server closes the TCP connection first
/// (RFC 6455 §7.1.1).
package enum Role: Sendable, Hashable {
    case server
    case client
}
