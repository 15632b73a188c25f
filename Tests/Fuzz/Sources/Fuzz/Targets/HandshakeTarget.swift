import CarafeHTTP
import NIOCore

@testable import CarafeWebSocketCodec

/// The values of a handshake's fields, to both sides.
///
/// Input: both sides' options; then lines: method, Upgrade, Connection, version, key, subprotocols, extensions, Origin,
/// Host, Sec-WebSocket-Accept. A line that is missing is a field that did not come.
enum HandshakeTarget: Target {
    static let name = "handshake"

    static var seeds: [Seed] {
        let key = "dGhlIHNhbXBsZSBub25jZQ=="
        // RFC 6455 §1.3, §9.1; RFC 7692 §5.1, §7.1.3
        let extensions = [
            "foo, bar; baz=2", "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=\"10\", permessage-deflate",
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_max_window_bits=9", "",
        ]
        return extensions.map { offer in
            Seed(
                [7, 7, 0, 7, 7, 0],
                text: [
                    "GET", "websocket", "keep-alive, Upgrade", "13", key, "chat, superchat", offer,
                    "http://example.com", "example.com:80", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                ].joined(separator: "\n"))
        }
    }

    static let words = [
        "permessage-deflate", "; client_max_window_bits", "; server_max_window_bits=", "; client_no_context_takeover",
        "; server_no_context_takeover", "\"15\"", "=8", "https://", "[::1]:443", "null", "websocket", "upgrade",
    ]

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let (client, server) = (DeflateOptions(&input), DeflateOptions(&input))
        let fields = Fields(input.remaining())
        answer(fields, server)
        negotiate(fields.extensions, server)
        offer(fields.extensions, client)
        shakeHands(fields, client, server)
        _ = OriginPolicy.list([fields.host ?? ""]).allows(origin: fields.origin, host: fields.host)
        let isSame = OriginPolicy.sameHost.allows(origin: fields.origin, host: fields.host)
        law("a page without a host is of no host", !isSame || fields.origin == nil || fields.host != nil)
        if let origin = fields.origin {
            law("a listed origin is let in", OriginPolicy.list([origin]).allows(origin: origin, host: fields.host))
        }
    }

    private static func answer(_ fields: Fields, _ options: DeflateOptions) {
        guard let handshake = try? ServerHandshake(answering: fields.request, subprotocols: ["chat"], deflate: options)
        else { return }
        law("only a request for a WebSocket gets one", fields.request.asksForWebSocket && fields.method == "GET")
        law("RFC 6455 §4.2.2: the accept value is 20 bytes in base64", handshake.accept.utf8.count == 28)
    }

    /// Whatever a client offered, one without any demand of its own understands the answer.
    private static func negotiate(_ offers: String?, _ options: DeflateOptions) {
        guard let negotiation = try? DeflateNegotiation(answering: offers, options: options) else { return }
        let easy = DeflateOffer(options: DeflateOptions(serverNoContextTakeover: false, clientNoContextTakeover: false))
        let understood = try? easy.check(negotiation.fieldValue)
        law("an answer can be read", understood == negotiation.parameters, "\(negotiation)")
        law("a server keeps its own limits", negotiation.parameters.serverMaxWindowBits <= options.serverMaxWindowBits)
        law("and the client's", negotiation.parameters.clientMaxWindowBits <= options.clientMaxWindowBits)
    }

    /// Whatever a server answers, a client of ours goes no further than it offered.
    private static func offer(_ answer: String?, _ options: DeflateOptions) {
        guard let agreed = try? DeflateOffer(options: options).check(answer) else { return }
        law("a client's demand is met", agreed.serverMaxWindowBits <= options.serverMaxWindowBits)
        law("a client keeps its own limit", agreed.clientMaxWindowBits <= options.clientMaxWindowBits)
        law("the server drops its window if asked", agreed.serverNoContextTakeover || !options.serverNoContextTakeover)
        law("the client drops its window if said", agreed.clientNoContextTakeover || !options.clientNoContextTakeover)
    }

    /// Two sides of ours, with subprotocols that the input chooses.
    private static func shakeHands(_ fields: Fields, _ client: DeflateOptions, _ server: DeflateOptions) {
        let known = fields.tokens
        let offer = DeflateOffer(options: client)
        let handshake = ClientHandshake(key: "dGhlIHNhbXBsZSBub25jZQ==", subprotocols: known, deflate: offer)
        let sent = Dictionary(handshake.fields, uniquingKeysWith: { first, _ in first })
        let request = HandshakeRequest(
            method: "GET", upgrade: sent["Upgrade"], connection: sent["Connection"],
            version: sent["Sec-WebSocket-Version"], key: sent["Sec-WebSocket-Key"],
            subprotocols: sent["Sec-WebSocket-Protocol"], extensions: sent["Sec-WebSocket-Extensions"])
        let answer = try? ServerHandshake(answering: request, subprotocols: known.reversed(), deflate: server)
        let got = Dictionary(answer?.fields ?? [], uniquingKeysWith: { first, _ in first })
        let response = ClientHandshake.Response(
            status: 101, upgrade: got["Upgrade"], connection: got["Connection"], accept: got["Sec-WebSocket-Accept"],
            subprotocol: got["Sec-WebSocket-Protocol"], extensions: got["Sec-WebSocket-Extensions"])
        law("our server answers our client", answer != nil && answer?.deflate != nil)
        law("our client takes the answer", (try? handshake.check(response)) == .some(known.last), "\(response)")
        law("both agree on compression", (try? handshake.checkDeflate(response)) == answer?.deflate?.parameters)
    }
}

/// The lines of the input.
private struct Fields {
    private let lines: [String]

    init(_ bytes: [UInt8]) {
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private func line(_ index: Int) -> String? { index < lines.count ? lines[index] : nil }

    var method: String { line(0) ?? "" }
    var extensions: String? { line(6) }
    var origin: String? { line(7) }
    var host: String? { line(8) }

    var request: HandshakeRequest {
        HandshakeRequest(
            method: method, upgrade: line(1), connection: line(2), version: line(3), key: line(4),
            subprotocols: line(5), extensions: extensions)
    }

    /// RFC 6455 §4.1: subprotocols are tokens, and each is another.
    var tokens: [String] {
        let words = (line(5) ?? "").split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.map(String.init)
        return words.indices.filter { words.firstIndex(of: words[$0]) == $0 }.map { words[$0] }
    }
}
