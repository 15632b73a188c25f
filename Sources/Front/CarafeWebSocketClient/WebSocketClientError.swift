public import HTTPTypes

/// The reason why a client could not open a WebSocket.
public enum WebSocketClientError: Error, Equatable {
    /// The URL is not one of a WebSocket, or not one for this client.
    case badURL(String, String)

    /// A header field that the handshake itself sets, or that cannot stand in a request.
    case badField(String)

    /// A subprotocol that is not a token, or comes twice.
    case badSubprotocol(String)

    /// Nobody answers there: the address, and the system's words.
    case cannotConnect(String, String)

    /// The connection could not be encrypted, most often since the server's certificate is not trusted here.
    case insecure(String)

    /// The server's ordinary answer instead of a WebSocket: 401, 403, 404, a redirect, and the like.
    case refused(status: Int, headers: HTTPFields)

    /// The server said yes, but not as RFC 6455 §4.1 demands, or not in HTTP.
    case badHandshake(String)

    /// The answer did not come within `handshakeTimeout`.
    case timedOut

    /// The connection ended before the answer was complete.
    case closed
}

extension WebSocketClientError: CustomStringConvertible {
    /// The expected and the found, in one line.
    public var description: String {
        switch self {
        case .badURL(let url, let problem): "cannot open \(url): \(problem)"
        case .badField(let name): "the field \(name) is the handshake's own, or not one of HTTP"
        case .badSubprotocol(let name):
            "expected subprotocols that are tokens, each once (RFC 6455 §4.1), found \(name.debugDescription)"
        case .cannotConnect(let address, let problem): "cannot connect to \(address): \(problem)"
        case .insecure(let problem):
            "expected a certificate that is trusted here, or one in trustedCertificates: \(problem)"
        case .refused(let status, _): "expected status 101, found \(status)"
        case .badHandshake(let problem): problem
        case .timedOut: "expected an answer to the handshake sooner"
        case .closed: "expected an answer to the handshake, found the end of the connection"
        }
    }
}
