import HTTPTypes
import NIOCore
import Testing

@testable import CarafeHTTP

@Suite struct ResponseTests {
    @Test func isEmptyAndFineByDefault() {
        let response = Response()
        #expect(response.status == .ok)
        #expect(response.headers.isEmpty)
        #expect(response.body.length == 0)
    }

    @Test func saysWhatItsTextIs() async throws {
        let text = Response(.created, text: "é")
        #expect(text.status == .created)
        #expect(text.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(text.body.length == 2)
        #expect(Response(html: "<p>").headers[.contentType] == "text/html; charset=utf-8")
    }

    @Test func encodesJSON() async throws {
        let response = try Response(.accepted, json: ["a": 1])
        #expect(response.headers[.contentType] == "application/json")
        #expect(String(buffer: try await response.body.collect()) == #"{"a":1}"#)
    }

    @Test func setsSeveralCookies() throws {
        var response = Response()
        try response.setCookie(Cookie("a", "1"))
        try response.setCookie(Cookie("b", "2"))
        #expect(response.headers[values: .setCookie].map { $0.prefix(3) } == ["a=1", "b=2"])
    }
}
