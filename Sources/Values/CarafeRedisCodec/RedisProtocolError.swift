/// The peer sent bytes that are not RESP2, or a reply past the limit; the connection is of no more use.
package enum RedisProtocolError: Error, Sendable, Equatable {
    /// The bytes are no reply: the reader's words.
    case malformed(String)
    /// A reply has more bytes than the limit.
    case tooLarge(limit: Int)
}

extension RedisProtocolError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let problem): "expected a reply in RESP2 from Redis, found: \(problem)"
        case .tooLarge(let limit): "expected a reply of at most \(limit) bytes from Redis, found a longer one"
        }
    }
}
