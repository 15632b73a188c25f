import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct ServerHandshakeTests {
    private let request = HandshakeRequest(
        method: "GET",
        upgrade: "websocket",
        connection: "keep-alive, Upgrade",
        version: "13",
        key: "dGhlIHNhbXBsZSBub25jZQ==",
        subprotocols: "chat, superchat"
    )

    private func refusal(_ change: (inout HandshakeRequest) -> Void) -> HandshakeError? {
        var request = request
        change(&request)
        do {
            _ = try ServerHandshake(answering: request)
            return nil
        } catch {
            return error
        }
    }

    @Test("RFC 6455 §1.3: the example is accepted")
    func accepted() throws {
        let handshake = try ServerHandshake(answering: request, subprotocols: ["chat"])
        #expect(handshake.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(handshake.subprotocol == "chat")
        #expect(
            handshake.fields.map { "\($0.name): \($0.value)" } == [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "Sec-WebSocket-Protocol: chat",
            ]
        )
    }

    @Test("RFC 7692 §5.1: compression is agreed if this server does it, and its answer is the last field")
    func deflate() throws {
        var request = request
        request.extensions = "permessage-deflate; client_max_window_bits"
        #expect(try ServerHandshake(answering: request).deflate == nil)
        let handshake = try ServerHandshake(answering: request, deflate: DeflateOptions())
        #expect(handshake.deflate?.parameters.serverNoContextTakeover == true)
        #expect(
            handshake.fields.map { "\($0.name): \($0.value)" }.last
                == "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        )
        request.extensions = "permessage-deflate; x"
        #expect(try ServerHandshake(answering: request, deflate: DeflateOptions()).deflate == nil)
        request.extensions = "permessage-deflate;"
        #expect(throws: HandshakeError.extensions(found: "permessage-deflate;")) {
            try ServerHandshake(answering: request, deflate: DeflateOptions())
        }
    }

    @Test(
        "RFC 6455 §4.2.1: a list of extensions without its form is refused, also by a server that has none",
        arguments: ["permessage-deflate;", "", " , ", "a b", "é"])
    func extensions(value: String) {
        #expect(refusal { $0.extensions = value } == .extensions(found: value))
        #expect(refusal { $0.extensions = "x-other; a=\"b\"" } == nil)
    }

    @Test(
        "RFC 6455 §4.2.1, §4.3: subprotocols are one or more tokens",
        arguments: ["", " ", ",", "a b", "chat, a/b", "chat;q=1", "\"chat\"", "é", "chat\u{301}"])
    func subprotocols(value: String) {
        let refusal = refusal { $0.subprotocols = value }
        #expect(refusal?.status == 400)
        #expect(refusal?.description.hasPrefix("expected a list of tokens in Sec-WebSocket-Protocol, found ") == true)
    }

    @Test("RFC 9110 §5.6.1.2: empty elements among others are ignored")
    func emptyElements() throws {
        var request = request
        request.subprotocols = ", ,chat,,superchat ,"
        #expect(try ServerHandshake(answering: request, subprotocols: ["superchat"]).subprotocol == "superchat")
    }

    @Test("RFC 6455 §4.2.1: tokens count in whatever case")
    func tokens() {
        #expect(refusal { ($0.upgrade, $0.connection) = ("h2c, WebSocket", "UPGRADE") } == nil)
    }

    @Test("RFC 6455 §4.2.1: without Upgrade: websocket and Connection: Upgrade it is a plain request")
    func plain() {
        #expect(refusal { $0.upgrade = nil } == .notWebSocket)
        #expect(refusal { $0.upgrade = "websockets" } == .notWebSocket)
        #expect(refusal { $0.connection = "keep-alive" } == .notWebSocket)
        #expect(refusal { ($0.method, $0.connection) = ("POST", nil) } == .notWebSocket)
    }

    @Test("RFC 9110 §7.8: Upgrade is ignored in HTTP/1.0")
    func http10() {
        #expect(refusal { $0.isHTTP11 = false } == .notWebSocket)
    }

    @Test("RFC 6455 §4.1: the method is GET", arguments: ["POST", "get", "HEAD"])
    func method(method: String) {
        #expect(refusal { $0.method = method } == .method(found: method))
    }

    @Test("RFC 6455 §4.4: the version is 13", arguments: [nil, "8", "130", "", "13, 8"])
    func version(version: String?) {
        #expect(refusal { $0.version = version } == .version(found: version))
    }

    @Test(
        "RFC 6455 §4.2.1: the key is 16 bytes in base64, and comes once",
        arguments: [nil, "", "dG9vIHNob3J0", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="]
    )
    func key(key: String?) {
        #expect(refusal { $0.key = key } == .key(found: key))
    }

    @Test(
        "RFC 6455 §4.2.2: the subprotocol is one that was offered, by the server's preference",
        arguments: [
            ([], nil), (["v2"], nil), (["Chat"], nil), (["superchat", "chat"], "superchat"), (["v2", "chat"], "chat"),
        ] as [([String], String?)]
    )
    func subprotocol(supported: [String], chosen: String?) throws {
        #expect(try ServerHandshake(answering: request, subprotocols: supported).subprotocol == chosen)
    }

    @Test("RFC 6455 §4.2.2: no subprotocol field when there is none")
    func noSubprotocol() throws {
        #expect(try ServerHandshake(answering: request).fields.count == 3)
    }
}

@Suite(.timeLimit(.minutes(10))) struct AcceptValueTests {
    @Test("RFC 6455 §1.3: the example")
    func example() {
        #expect(AcceptValue.make(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
