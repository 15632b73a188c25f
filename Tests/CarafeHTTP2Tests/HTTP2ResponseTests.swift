import CarafeHTTP
import HTTPTypes
import NIOHPACK
import Testing

@testable import CarafeHTTP2

@Suite("HTTP2Response", .timeLimit(.minutes(10)))
struct HTTP2ResponseTests {
    private func head(_ response: Response, to method: HTTPRequest.Method = .get) -> HTTP2Response {
        HTTP2Response(response, to: method, date: "now")
    }

    @Test("RFC 9113 §8.2.2: no fields of a connection, and all names in lower case")
    func fields() {
        var response = Response(text: "hello")
        response.headers[.connection] = "close"
        response.headers[.transferEncoding] = "chunked"
        response.headers[.contentLength] = "99"
        response.headers[.init("X-Thing")!] = "1"  // Force-unwrap is safe: a token.
        let answer = head(response)
        #expect(
            answer.fields == [
                ":status": "200", "content-type": "text/plain; charset=utf-8", "x-thing": "1", "content-length": "5",
                "date": "now",
            ])
        #expect(answer.hasBody)
    }

    @Test("RFC 9113 §8.2.2: nor those that the app names as fields of a connection")
    func connectionOptions() {
        var response = Response(.noContent)
        response.headers[.connection] = "close, X-Hop"
        response.headers[.init("X-Hop")!] = "1"  // Force-unwrap is safe: a token.
        response.headers[.init("TE")!] = "trailers"  // As above.
        response.headers[.init("X-End")!] = "1"  // As above.
        #expect(head(response).fields == [":status": "204", "x-end": "1", "date": "now"])
    }

    @Test("RFC 9110 §6.4.1: which answers have a body, and which say its length")
    func bodies() {
        #expect(!head(Response(text: "hello"), to: .head).hasBody)
        #expect(head(Response(text: "hello"), to: .head).fields["content-length"] == ["5"])
        #expect(!head(Response(.noContent)).hasBody)
        #expect(head(Response(.noContent)).fields["content-length"] == [])
        #expect(!head(Response(.notModified)).hasBody)
        #expect(!head(Response(text: "")).hasBody)
        #expect(head(Response(text: "")).fields["content-length"] == ["0"])
        let stream = head(Response { _ in })
        #expect(stream.hasBody && stream.fields["content-length"] == [])
    }

    @Test("RFC 8441 §5: a WebSocket's answer is 200 without the fields of HTTP/1.1's handshake")
    func tunnel() {
        var response = Response(
            .switchingProtocols, headers: [.secWebSocketAccept: "x", .secWebSocketProtocol: "chat", .upgrade: "y"])
        response.upgrade = Upgrade(protocolName: "websocket") { _ in }
        let answer = head(response)
        #expect(answer.fields == [":status": "200", "sec-websocket-protocol": "chat", "date": "now"])
        #expect(!answer.hasBody)
    }
}
