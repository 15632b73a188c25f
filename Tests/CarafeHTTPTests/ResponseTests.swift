import HTTPTypes
import NIOCore
import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct ResponseTests {
    @Test("a response is empty and OK by default") func isEmptyAndFine() {
        let response = Response()
        #expect(response.status == .ok)
        #expect(response.headers.isEmpty)
        #expect(response.body.length == 0)
    }

    @Test("a text has its content type") func textContentType() async throws {
        let text = Response(.created, text: "é")
        #expect(text.status == .created)
        #expect(text.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(text.body.length == 2)
        #expect(Response(html: "<p>").headers[.contentType] == "text/html; charset=utf-8")
    }

    @Test("sets several cookies") func setsSeveralCookies() throws {
        var response = Response()
        try response.setCookie(Cookie("a", "1"))
        try response.setCookie(Cookie("b", "2"))
        #expect(response.headers[values: .setCookie].map { $0.prefix(3) } == ["a=1", "b=2"])
    }

    @Test("RFC 6265bis §4.1.1: no two cookies of one name in a response; the last is the one that browsers keep")
    func setsACookieOfANameOnce() throws {
        var response = Response()
        for value in ["1", "2"] {
            try response.setCookie(Cookie("a", value))
            try response.setCookie(Cookie("A", value))
            try response.setCookie(Cookie("b", value, path: "/b", domain: "example.org"))
        }
        response.headers.append(HTTPField(name: .setCookie, value: "c =1;path=/ ; Secure"))
        try response.setCookie(Cookie("c", "2"))
        #expect(response.headers[values: .setCookie].map { $0.prefix(3) } == ["a=2", "A=2", "b=2", "c=2"])
    }

    @Test(
        "RFC 6265bis §4.1.1: nor two that browsers would keep both",
        arguments: [
            Cookie("a", "2", path: "/a"), Cookie("a", "2", domain: "example.org"),
        ])
    func refusesASecondCookieOfAName(second: Cookie) throws {
        var response = Response()
        try response.setCookie(Cookie("a", "1"))
        let error = #expect(throws: CookieError.self) { try response.setCookie(second) }
        #expect(error?.description.contains("expected one cookie of this name") == true)
        #expect(response.headers[values: .setCookie].count == 1)
    }
}
