import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct ClientHandshakeTests {
    private let handshake = ClientHandshake(key: "dGhlIHNhbXBsZSBub25jZQ==", subprotocols: ["chat", "superchat"])
    private let response = ClientHandshake.Response(
        status: 101,
        upgrade: "WebSocket",
        connection: "Upgrade",
        accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        subprotocol: "chat"
    )

    private func failure(_ change: (inout ClientHandshake.Response) -> Void) -> ClientHandshakeError? {
        var response = response
        change(&response)
        do {
            _ = try handshake.check(response)
            return nil
        } catch {
            return error
        }
    }

    @Test("RFC 6455 §1.3: the example is accepted")
    func accepted() throws {
        #expect(try handshake.check(response) == "chat")
        #expect(failure { $0.subprotocol = nil } == nil)
    }

    @Test("RFC 6455 §4.1: what must be right in the answer")
    func refused() {
        #expect(failure { $0.status = 200 } == .status(found: 200))
        #expect(failure { $0.upgrade = nil } == .upgrade(found: nil))
        #expect(failure { $0.upgrade = "h2c" } == .upgrade(found: "h2c"))
        #expect(failure { $0.connection = "close" } == .connection(found: "close"))
        #expect(failure { $0.accept = nil } == .accept(found: nil))
        #expect(failure { $0.accept = "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=" } != nil)
        #expect(failure { $0.subprotocol = "other" } == .subprotocol(found: "other"))
        #expect(failure { $0.extensions = "permessage-deflate" } == .extensions(found: "permessage-deflate"))
        #expect(failure { $0.subprotocol = "" } == .subprotocol(found: ""))
    }

    @Test("RFC 6455 §4.2.2: an empty list of extensions is not none, and not allowed", arguments: ["", ", "])
    func emptyExtensions(value: String) {
        #expect(failure { $0.extensions = value } == .extensions(found: value))
        let asking = ClientHandshake(key: handshake.key, subprotocols: ["chat"], deflate: DeflateOffer())
        var response = response
        response.extensions = value
        #expect(throws: ClientHandshakeError.extensions(found: value)) { try asking.check(response) }
    }

    @Test("RFC 6455 §4.1: the case of ASCII letters does not count, and no other letter is one of them")
    func kelvin() {
        #expect(failure { $0.upgrade = " WEBSOCKET\t" } == nil)
        #expect(failure { $0.upgrade = "websoc\u{212A}et" } == .upgrade(found: "websoc\u{212A}et"))
    }

    @Test("RFC 7692 §5.1: compression is there if it was offered and answered")
    func deflate() throws {
        var generator = SeededGenerator(seed: 51)
        let plain = ClientHandshake(using: &generator)
        #expect(plain.fields.allSatisfy { $0.name != "Sec-WebSocket-Extensions" })
        let options = DeflateOptions(serverNoContextTakeover: false, clientNoContextTakeover: false)
        let offer = DeflateOffer(options: options)
        let handshake = ClientHandshake(key: handshake.key, subprotocols: ["chat"], deflate: offer)
        #expect(handshake.fields.last?.value == "permessage-deflate; client_max_window_bits")
        var response = response
        #expect(try handshake.check(response) == "chat")
        #expect(try handshake.checkDeflate(response) == nil)
        response.extensions = "permessage-deflate; server_max_window_bits=9"
        #expect(try handshake.check(response) == "chat")
        #expect(try handshake.checkDeflate(response) == DeflateParameters(serverMaxWindowBits: 9))
        response.extensions = "permessage-deflate; client_max_window_bits"
        #expect(throws: ClientHandshakeError.self) { try handshake.check(response) }
        #expect(throws: ClientHandshakeError.self) { try plain.checkDeflate(response) }
    }

    @Test("RFC 6455 §4.1: the key is fresh and 16 bytes long")
    func key() {
        var generator = SeededGenerator(seed: 41)
        let first = ClientHandshake(using: &generator)
        let second = ClientHandshake(using: &generator)
        #expect(Base64.isSixteenBytes(first.key))
        #expect(first.key != second.key)
        #expect(ClientHandshake().key != ClientHandshake().key)
    }

    @Test("RFC 6455 §4: our client and our server understand each other")
    func bothSides() throws {
        let client = ClientHandshake(subprotocols: ["b", "a"])
        let fields = Dictionary(uniqueKeysWithValues: client.fields.map { ($0.name, $0.value) })
        let request = HandshakeRequest(
            method: "GET",
            upgrade: fields["Upgrade"],
            connection: fields["Connection"],
            version: fields["Sec-WebSocket-Version"],
            key: fields["Sec-WebSocket-Key"],
            subprotocols: fields["Sec-WebSocket-Protocol"]
        )
        let server = try ServerHandshake(answering: request, subprotocols: ["a", "b"])
        let answer = ClientHandshake.Response(
            status: 101,
            upgrade: "websocket",
            connection: "Upgrade",
            accept: server.accept,
            subprotocol: server.subprotocol
        )
        #expect(try client.check(answer) == "a")
    }
}
