import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct RequestLineScannerTests {
    // The texts end at the byte that is wrong: nothing more is waited for.
    @Test(
        "RFC 9112 §3: a request line that cannot be right is refused at its first wrong byte",
        arguments: [
            " ", ":", "\n", "\0", "\u{16}\u{03}", "G(", "GET\t", "GET\r", "GET\n", "É",
            "GET  ", "GET \t", "GET \r", "GET \n", "GET /\r", "GET /\n", "GET /\t", "GET /\0", "GET /\u{7F}", "GET /é",
            "GET /#", "GET /a#b",
            "GET /  ", "GET / \t", "GET / \r", "GET / \n", "GET / h", "GET / http/1.1", "GET / HTTPS", "GET / HTTP /",
            "GET / HTTP/ ", "GET / HTTP/a", "GET / HTTP/.", "GET / HTTP/1,", "GET / HTTP/11", "GET / HTTP/1.a",
            "GET / HTTP/1.10", "GET / HTTP/1.1 ", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\r", "GET / HTTP/1.1\rH",
            "GET / x HTTP/1.1", "GET / HTTP/1.1 x",
        ])
    func malformed(text: String) {
        #expect(refusal(text) == 400)
    }

    @Test("RFC 9110 §15.6.6: 505 for another major version", arguments: ["0.9", "2.0", "2", "3.0", "9.9"])
    func unsupportedVersion(version: String) {
        #expect(refusal("GET / HTTP/\(version)") == 505)
    }

    @Test("RFC 9113 §3.4: the preface of HTTP/2 is answered by 505")
    func preface() {
        #expect(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505)
    }

    @Test(
        "RFC 9110 §2.5: a higher minor version is read as 1.1",
        arguments: [("1.0", 0), ("1.1", 1), ("1.2", 1), ("1.9", 1)])
    func minorVersion(version: String, expected: Int) {
        #expect(requestHead("GET / HTTP/\(version)\r\nHost: a\r\n\r\n")?.minorVersion == expected)
    }

    @Test("RFC 9112 §3: 501 for a method that is too long, before its end")
    func longMethod() {
        let longest = String(repeating: "M", count: 32)
        #expect(requestHead("\(longest) / HTTP/1.1\r\nHost: a\r\n\r\n")?.method == longest)
        #expect(refusal(longest) == nil)
        #expect(refusal(longest + "M") == 501)
    }

    @Test("RFC 9112 §3.2.3: CONNECT is refused")
    func connect() {
        #expect(refusal("CONNECT ") == 501)
        #expect(refusal("CONNECT a:80 HTTP/1.1\r\n") == 501)
        #expect(requestHead("CONNECTED / HTTP/1.1\r\nHost: a\r\n\r\n")?.method == "CONNECTED")
    }

    @Test("RFC 9112 §3: 414 as soon as the line is longer than the limit")
    func limit() {
        let limits = RequestReader.Limits(requestLineBytes: 24)
        // 4 + 10 + 10 bytes
        #expect(read("GET /23456789 HTTP/1.1\r\n", limits: limits) == [])
        #expect(refusal("GET /23456789ab HTTP/1.1\r\n", limits: limits) == 414)
        #expect(refusal("GET /" + String(repeating: "a", count: 18), limits: limits) == nil)
        #expect(refusal("GET /" + String(repeating: "a", count: 19), limits: limits) == 414)
        #expect(refusal("GET /" + String(repeating: "a", count: 9000)) == 414)
    }

    @Test("no byte is scanned twice") func noByteIsScanned() throws {
        var scanner = RequestLineScanner()
        #expect(try check("GET /abc") { bytes, _ in try scanner.scan(bytes, limit: 100) == nil })
        #expect(scanner.position == 8)
        // What was scanned is not looked at again: here it has become invalid.
        let line = try check("GET /\n\n\nd HTTP/1.1\r\n") { bytes, _ in try scanner.scan(bytes, limit: 100) }
        #expect(line?.target == "/\n\n\nd")
    }
}
