import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct CloseCodeTests {
    @Test(
        "RFC 6455 §7.4.2: codes that may be on the wire", arguments: [1000, 1003, 1007, 1014, 3000, 3999, 4000, 4999])
    func allowed(code: UInt16) {
        #expect(CloseCode(rawValue: code).isAllowedOnWire)
    }

    @Test("RFC 6455 §7.4: codes that may not", arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
    func forbidden(code: UInt16) {
        #expect(!CloseCode(rawValue: code).isAllowedOnWire)
    }

    @Test("RFC 6455 §7.4.1: 1005, 1006 and 1015 are never on the wire")
    func reserved() {
        let codes: [CloseCode] = [.noStatusReceived, .abnormalClosure, .tlsHandshake]
        #expect(codes.allSatisfy { !$0.isAllowedOnWire })
    }

    @Test("The names have the numbers of the registry")
    func numbers() {
        let codes: [CloseCode] = [
            .normalClosure, .goingAway, .protocolError, .unsupportedData, .noStatusReceived, .abnormalClosure,
            .invalidPayload, .policyViolation, .messageTooBig, .mandatoryExtension, .internalError, .serviceRestart,
            .tryAgainLater, .badGateway, .tlsHandshake,
        ]
        #expect(codes.map(\.rawValue) == Array(1000...1003) + Array(1005...1015))
    }
}
