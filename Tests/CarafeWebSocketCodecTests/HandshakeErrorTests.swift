import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct HandshakeErrorTests {
    private func fields(_ refusal: HandshakeError) -> [String] {
        refusal.fields.map { "\($0.name): \($0.value)" }
    }

    @Test("RFC 6455 §4.4: an unknown version is answered with 426 and the known one")
    func version() {
        #expect(HandshakeError.version(found: "8").status == 426)
        #expect(fields(.version(found: "8")).contains("Sec-WebSocket-Version: 13"))
        #expect(HandshakeError.version(found: nil).description == "expected Sec-WebSocket-Version 13, found none")
    }

    @Test("RFC 9110 §15.5.22: a 426 says what to upgrade to")
    func plain() {
        #expect(HandshakeError.notWebSocket.status == 426)
        #expect(fields(.notWebSocket) == ["Upgrade: websocket", "Connection: Upgrade"])
    }

    @Test("RFC 9110 §15.5.6: a 405 lists the allowed methods")
    func method() {
        #expect(HandshakeError.method(found: "POST").status == 405)
        #expect(fields(.method(found: "POST")) == ["Allow: GET"])
    }

    @Test("RFC 6455 §4.2.1: a bad key is a bad request")
    func key() {
        #expect(HandshakeError.key(found: "x").status == 400)
    }

    @Test("RFC 6455 §9.1: extensions without the form are a bad request")
    func extensions() {
        #expect(HandshakeError.extensions(found: ";").status == 400)
        #expect(fields(.extensions(found: ";")).isEmpty)
        #expect(HandshakeError.extensions(found: ";").description.hasSuffix("found ;"))
    }
}
