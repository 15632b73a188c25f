import CarafeHTTP
import CarafeHTTP1
import HTTPTypes
import NIOCore
import Testing

@testable import CarafeServer

@Suite("HTTP1Response", .timeLimit(.minutes(10)))
struct HTTP1ResponseTests {
    private func lines(
        _ response: Response, framing: ResponseFraming = .length(0), keepsAlive: Bool = true, isVersion11: Bool = true
    ) -> [Substring] {
        var output = ByteBuffer()
        HTTP1Response(response: response, framing: framing, keepsAlive: keepsAlive, isVersion11: isVersion11)
            .write(into: &output, date: DateField())
        let text = String(buffer: output)
        #expect(text.hasSuffix("\r\n\r\n"))
        return text.split(separator: "\r\n")
    }

    @Test(
        "RFC 9112 §4: the status line",
        arguments: [
            (HTTPResponse.Status.ok, "200 OK"), (.notFound, "404 Not Found"), (.init(code: 299), "299 "),
        ])
    func statusLine(status: HTTPResponse.Status, line: String) {
        #expect(lines(Response(status)).first == "HTTP/1.1 \(line)")
    }

    @Test("fields keep their order and repetitions")
    func fields() {
        let headers: HTTPFields = [.setCookie: "a=1", .contentType: "text/plain", .setCookie: "b=2"]
        let written = lines(Response(headers: headers)).filter { !$0.hasPrefix("date") && !$0.hasPrefix("content-l") }
        #expect(written.dropFirst() == ["Set-Cookie: a=1", "Content-Type: text/plain", "Set-Cookie: b=2"])
    }

    @Test("framing, connection and date are the server's, whatever the handler set")
    func ownFields() throws {
        let headers: HTTPFields = [
            .contentLength: "99", .transferEncoding: "gzip", .connection: "x", .date: "yesterday",
        ]
        let text = lines(Response(headers: headers), framing: .length(7)).joined(separator: "\n")
        #expect(text.contains("content-length: 7"))
        for wrong in ["99", "gzip", "yesterday", "onnection: x"] { #expect(!text.contains(wrong)) }
    }

    @Test("RFC 9110 §15.3.5, §15.4.5: 204 and 304 have no content-length", arguments: [204, 304])
    func noLength(code: Int) {
        var response = Response(.init(code: code), text: "ignored")
        response.headers[.eTag] = "\"x\""
        let framing = ResponseFraming(response, isVersion11: true)
        #expect(framing == .none)
        #expect(!lines(response, framing: framing).contains { $0.hasPrefix("content-length") })
    }

    @Test("RFC 9112 §6: how a body is framed")
    func framing() {
        let stream = Response { _ in }
        #expect(ResponseFraming(Response(text: "four"), isVersion11: true) == .length(4))
        #expect(ResponseFraming(Response(), isVersion11: true) == .length(0))
        #expect(ResponseFraming(stream, isVersion11: true) == .chunked)
        #expect(ResponseFraming(stream, isVersion11: false) == .untilClose)
    }

    @Test("RFC 9110 §7.8: a 426 lists Upgrade in Connection")
    func upgradeRequired() {
        let response = Response(.upgradeRequired, headers: [.upgrade: "websocket"])
        #expect(lines(response).contains("connection: upgrade"))
        #expect(lines(response, keepsAlive: false).contains("connection: upgrade, close"))
        #expect(lines(response).contains("Upgrade: websocket"))
    }

    @Test("RFC 9112 §11.1: a value with a line break cannot split the response")
    func noSplitting() {
        let headers: HTTPFields = [.location: "/\r\nSet-Cookie: evil=1"]
        #expect(!lines(Response(headers: headers)).contains { $0.hasPrefix("Set-Cookie") })
    }
}
