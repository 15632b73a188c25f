import NIOCore
import Testing

@testable import CarafeHTTP1

@Suite("StatusLine", .timeLimit(.minutes(10)))
struct StatusLineTests {
    @Test(
        "RFC 9112 §4: version, code and reason phrase, whose space stays without one",
        arguments: [(200, "OK", "200 OK"), (404, "Not Found", "404 Not Found"), (299, "", "299 ")])
    func line(code: Int, reason: String, expected: String) {
        var output = ByteBuffer()
        StatusLine(code: code, reasonPhrase: reason).write(into: &output)
        #expect(String(buffer: output) == "HTTP/1.1 \(expected)\r\n")
    }

    @Test("RFC 9110 §15.2.1: the interim response that asks for the body")
    func continues() {
        var output = ByteBuffer()
        StatusLine.writeContinue(into: &output)
        #expect(String(buffer: output) == "HTTP/1.1 100 Continue\r\n\r\n")
    }
}
