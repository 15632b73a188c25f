/// Why a connection ends: the status code of a close frame (RFC 6455 §7.4).
public struct CloseCode: RawRepresentable, Sendable, Hashable {
    /// The code as it is sent.
    public var rawValue: UInt16

    /// Creates a code, which may be one that must not be sent.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Whether a close frame may carry this code, in either direction.
    ///
    /// 1000-1003 and 1007-1014 are registered with IANA; 3000-3999 is for libraries and frameworks, 4000-4999 for
    /// private use (RFC 6455 §7.4.2).
    public var isAllowedOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    public static let normalClosure = CloseCode(rawValue: 1000)

    /// 1001: the server goes down, or the browser has left the page.
    public static let goingAway = CloseCode(rawValue: 1001)

    /// 1002: the peer broke the protocol.
    public static let protocolError = CloseCode(rawValue: 1002)

    /// 1003: a kind of data that this endpoint cannot accept, for example binary where only text is understood.
    public static let unsupportedData = CloseCode(rawValue: 1003)

    /// 1005: the close frame had no code. Never on the wire.
    public static let noStatusReceived = CloseCode(rawValue: 1005)

    /// 1006: the connection ended without a close frame. Never on the wire.
    public static let abnormalClosure = CloseCode(rawValue: 1006)

    /// 1007: a message's data does not fit its type, for example text that is not UTF-8.
    public static let invalidPayload = CloseCode(rawValue: 1007)

    /// 1008: a message breaks a rule of this endpoint, and no other code says it better.
    public static let policyViolation = CloseCode(rawValue: 1008)

    /// 1009: a message is too big to be processed.
    public static let messageTooBig = CloseCode(rawValue: 1009)

    /// 1010: the client needs an extension that the server did not negotiate.
    public static let mandatoryExtension = CloseCode(rawValue: 1010)

    /// 1011: the server met a condition that it did not expect.
    public static let internalError = CloseCode(rawValue: 1011)

    /// 1012: the service restarts; the client may reconnect after a random delay (IANA registry).
    public static let serviceRestart = CloseCode(rawValue: 1012)

    /// 1013: the service is overloaded; the client should come back later (IANA registry).
    public static let tryAgainLater = CloseCode(rawValue: 1013)

    /// 1014: a gateway got an invalid answer from the server behind it (IANA registry).
    public static let badGateway = CloseCode(rawValue: 1014)

    /// 1015: the TLS handshake failed. Never on the wire.
    public static let tlsHandshake = CloseCode(rawValue: 1015)
}

extension CloseCode: CustomStringConvertible {
    /// The number in decimal.
    public var description: String { String(rawValue) }
}
