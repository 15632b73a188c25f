/// The side of the connection that this codec works for.
///
/// It decides about masking alone: a client masks what it sends, a server does not (RFC 6455 §5.1).
public enum Role: Sendable, Hashable {
    case server
    case client
}
