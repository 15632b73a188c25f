public import CarafeWebSocketCodec

/// The one error of sending to a peer that is gone.
public struct WebSocketClosedError: Error, Equatable, CustomStringConvertible {
    /// The code of the end: the peer's close code, 1005 if its close frame had none, 1006 when there was no close
    /// frame (RFC 6455 §7.1.5); of a peer that broke a rule, the code that it was told.
    public var code: CloseCode

    /// The reason beside the code; mostly empty.
    public var reason: String

    package init(code: CloseCode, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    init(_ end: ClosingHandshake.End) {
        self.init(code: end.code, reason: end.reason)
    }

    /// The code and the reason, in one line.
    public var description: String { "the WebSocket is closed (\(code)\(reason.isEmpty ? "" : ": \(reason)"))" }
}
