public import CarafeWebSocketCodec

/// The one error of sending to a peer that is gone.
public struct WebSocketClosed: Error, Equatable, CustomStringConvertible {
    /// How the connection ended: the peer's close code, or 1006 when there was none (RFC 6455 §7.1.5).
    public var code: CloseCode

    public var description: String { "the WebSocket is closed (\(code))" }
}
