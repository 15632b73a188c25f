/// Why a server's answer is not the yes that RFC 6455 §4.1 demands.
public enum ClientHandshakeFailure: Error, Sendable, Hashable {
    case status(found: Int)
    case upgrade(found: String?)
    case connection(found: String?)
    case accept(found: String?)
    case extensions(found: String?)
    case subprotocol(found: String)
}

extension ClientHandshakeFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .status(let found): "expected status 101, found \(found)"
        case .upgrade(let found): "expected Upgrade: websocket, found \(found ?? "none")"
        case .connection(let found): "expected Upgrade among Connection, found \(found ?? "none")"
        case .accept(let found): "expected the Sec-WebSocket-Accept of our key, found \(found ?? "none")"
        case .extensions(let found): "expected no extension but what was offered, found \(found ?? "none")"
        case .subprotocol(let found): "expected a subprotocol that was offered, found \(found)"
        }
    }
}
