import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct ControlFieldsTests {
    private static let line = "POST / HTTP/1.1\r\n"

    @Test("RFC 9112 §3.2: HTTP/1.1 needs one valid Host")
    func host() {
        #expect(refusal(Self.line + "\r\n") == 400)
        #expect(refusal(Self.line + "Host: a\r\nHost: a\r\n") == 400)
        #expect(refusal(Self.line + "Host: a\r\nhost: b\r\n") == 400)
        #expect(refusal("POST http://a/ HTTP/1.1\r\n\r\n") == 400)
        #expect(refusal("POST / HTTP/1.2\r\n\r\n") == 400)
    }

    @Test(
        "RFC 9112 §3.2: an invalid Host is refused when its line is complete, in HTTP/1.0 too",
        arguments: ["", "a, b", "a,b", "a b", "a/b", "http://a", "user@a", "a:b", "é"], ["1.0", "1.1"])
    func invalidHost(value: String, version: String) {
        #expect(refusal("POST / HTTP/\(version)\r\nHost: \(value)\r\n") == 400)
    }

    @Test("RFC 9112 §6.2: a length, framing the content")
    func contentLength() {
        #expect(requestHead(get())?.framing == RequestHead.Framing.none)
        #expect(requestHead(get("Content-Length: 0"))?.framing == .contentLength(0))
        #expect(requestHead(get("content-LENGTH:\t0042 "))?.framing == .contentLength(42))
        #expect(requestHead(get("Content-Length: \(Int.max)"))?.framing == .contentLength(.max))
    }

    @Test(
        "RFC 9110 §8.6: only digits, once, without overflow",
        arguments: [
            "", "+5", "-5", "5, 5", "5,5", "5 5", "0x5", "5a", "5.0", "\"5\"", "٥", "9223372036854775808",
            "18446744073709551621", "99999999999999999999999999",
        ])
    func invalidContentLength(value: String) {
        #expect(refusal(Self.line + "Content-Length: \(value)\r\n") == 400)
    }

    @Test(
        "RFC 9112 §6.3: two lines of framing are refused at the second",
        arguments: [
            "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n",
        ])
    func twoFramings(lines: String) {
        #expect(refusal(Self.line + lines) == 400)
    }

    @Test("RFC 9112 §6.1: a transfer coding in HTTP/1.0 is refused")
    func transferEncodingInOldVersion() {
        #expect(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n") == 400)
        #expect(requestHead(chunked(""))?.framing == .chunked)
    }

    @Test(
        "RFC 9112 §9.3: who lets the connection stay open",
        arguments: [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: x, CLOSE\r\n", false),
            ("1.1", "Connection: keep-alive\r\nConnection: close\r\n", false), ("1.1", "Connection: closed\r\n", true),
            ("1.1", "Connection: close, keep-alive\r\n", false), ("1.1", "Connection:\r\n", true),
            ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
            (
                "1.0",
                "Connection: x,keep-alive\r\n", true
            ),
            ("1.0", "Connection: keep-alive, close\r\n", false), ("1.0", "Connection: keep\r\n", false),
        ])
    func keepAlive(version: String, lines: String, expected: Bool) {
        #expect(requestHead("GET / HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n")?.keepAlive == expected)
    }

    @Test(
        "RFC 9110 §7.6.1: Connection is a list of tokens",
        arguments: ["a b", "close;", "\"close\"", "close, é", "a/b"])
    func invalidConnection(value: String) {
        #expect(refusal(Self.line + "Connection: \(value)\r\n") == 400)
    }

    @Test(
        "RFC 9110 §7.8: an upgrade needs both fields and HTTP/1.1",
        arguments: [
            ("1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", true),
            ("1.1", "UPGRADE: websocket\r\nConnection: keep-alive\r\nConnection: x, upgrade\r\n", true),
            ("1.1", "Connection: upgrade\r\n", false), ("1.1", "Upgrade: websocket\r\n", false),
            ("1.1", "Connection: upgrade\r\nUpgrade: \r\n", false),
            ("1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n", false),
        ])
    func upgrade(version: String, lines: String, expected: Bool) {
        #expect(requestHead("GET / HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n")?.upgrade == expected)
    }

    @Test(
        "RFC 9110 §10.1.1: 100-continue, in HTTP/1.1 and with content",
        arguments: [
            ("1.1", "Expect: 100-Continue\r\nContent-Length: 1\r\n", true),
            ("1.1", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n", true),
            ("1.1", "Expect: 100-continue\r\n", false), ("1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n", false),
            ("1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n", false), ("1.0", "Expect: cake\r\n", false),
        ])
    func expectsContinue(version: String, lines: String, expected: Bool) {
        #expect(requestHead("POST / HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n")?.expectsContinue == expected)
    }

    @Test(
        "RFC 9110 §10.1.1: 417 for other expectations",
        arguments: ["cake", "100-continue, cake", "100", "100-continue;q"])
    func otherExpectations(value: String) {
        #expect(refusal(Self.line + "Expect: \(value)\r\n") == 417)
    }
}
