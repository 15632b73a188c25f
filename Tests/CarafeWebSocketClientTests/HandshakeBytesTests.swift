import CarafeWebSocketCodec
import HTTPTypes
import NIOCore
import Testing

@testable import CarafeWebSocketClient

@Suite("HandshakeBytes", .timeLimit(.minutes(10)))
struct HandshakeBytesTests {
    private func lines(_ headers: HTTPFields, subprotocols: [String] = ["chat"]) throws -> [Substring] {
        let handshake = ClientHandshake(subprotocols: subprotocols)
        let bytes = try handshake.bytes(to: WebSocketURL("ws://a.example:81/x?y"), headers: headers)
        return String(buffer: bytes).split(separator: "\r\n", omittingEmptySubsequences: false)
    }

    @Test("RFC 6455 §4.1: the request line, Host, the handshake's fields and the app's own")
    func request() throws {
        let lines = try lines([.authorization: "Bearer abc", .origin: "http://a.example"])
        #expect(lines.first == "GET /x?y HTTP/1.1")
        #expect(lines.contains("Host: a.example:81"))
        #expect(lines.contains("Upgrade: websocket"))
        #expect(lines.contains("Sec-WebSocket-Version: 13"))
        #expect(lines.contains("Sec-WebSocket-Protocol: chat"))
        #expect(lines.contains("Authorization: Bearer abc"))
        #expect(lines.contains("Origin: http://a.example"))
        #expect(lines.suffix(2) == ["", ""])
    }

    @Test(
        "a field of the handshake's own is refused, and named",
        arguments: [.upgrade, .connection, .secWebSocketKey, .contentLength, .transferEncoding] as [HTTPField.Name])
    func ownField(name: HTTPField.Name) {
        #expect(throws: WebSocketClientError.badField(name.rawName)) { try lines([name: "x"]) }
    }

    @Test(
        "also those that a handshake has only now and then: their answers would not be understood",
        arguments: [.secWebSocketProtocol, .secWebSocketExtensions] as [HTTPField.Name])
    func absentField(name: HTTPField.Name) {
        #expect(throws: WebSocketClientError.badField(name.rawName)) { try lines([name: "x"], subprotocols: []) }
    }

    @Test(
        "RFC 6455 §4.1: subprotocols are tokens, each once",
        arguments: [["chat", "chat"], [""], ["chat", "a b"], ["a,b"], ["é"], ["a\r\nX-Evil: 1"]])
    func subprotocols(bad: [String]) {
        let error = #expect(throws: WebSocketClientError.self) { try lines([:], subprotocols: bad) }
        #expect(error?.description.contains("RFC 6455 §4.1") == true)
    }

    @Test("subprotocols that differ in case are two")
    func cases() throws {
        #expect(try lines([:], subprotocols: ["chat", "Chat"]).contains("Sec-WebSocket-Protocol: chat, Chat"))
    }

    @Test("a value cannot end its line")
    func noInjection() throws {
        #expect(try !lines([.cookie: "a\r\nX-Evil: 1"]).contains("X-Evil: 1"))
    }
}
