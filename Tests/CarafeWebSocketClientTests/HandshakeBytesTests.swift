import CarafeWebSocketCodec
import HTTPTypes
import NIOCore
import Testing

@testable import CarafeWebSocketClient

@Suite("HandshakeBytes")
struct HandshakeBytesTests {
    private func lines(_ headers: HTTPFields) throws -> [Substring] {
        let handshake = ClientHandshake(subprotocols: ["chat"])
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

    @Test("a value cannot end its line")
    func noInjection() throws {
        #expect(try !lines([.cookie: "a\r\nX-Evil: 1"]).contains("X-Evil: 1"))
    }
}
