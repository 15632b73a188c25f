import HTTPTypes
import NIOCore
import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct HeadersTests {
    private let headers = Headers(
        lines: ByteBuffer(
            string:
                "Host: a.example\r\nACCEPT:text/html\r\naccept: \t */* \r\nX-Empty:\r\nCookie: a=1\r\ncookie: b=2\r\n")
    )

    @Test("RFC 9110 §5.1: field names are case-insensitive") func findsAFieldInAnyCase() {
        #expect(headers[.init("host")!] == "a.example")  // A literal token.
        #expect(headers.values(of: "host") == ["a.example"])
        #expect(headers[.accept]?.hasPrefix("text/html") == true)
    }

    @Test("RFC 9110 §5.3: lines of one name are one list") func joinsLines() {
        #expect(headers[.accept] == "text/html, */*")
        #expect(headers[values: .accept] == ["text/html", "*/*"])
    }

    @Test("RFC 6265 §5.4: cookies are joined by a semicolon") func joinsCookies() {
        #expect(headers[.cookie] == "a=1; b=2")
    }

    @Test("knows which fields are present") func knowsWhichFieldsPresent() {
        #expect(headers.contains(.accept))
        #expect(!headers.contains(.acceptLanguage))
        #expect(headers[.acceptLanguage] == nil)
        #expect(headers.values(of: "x-empty") == [""])
    }

    @Test("keeps the order") func keepsTheOrder() {
        #expect(headers.pairs.map(\.name) == ["Host", "ACCEPT", "accept", "X-Empty", "Cookie", "cookie"])
        #expect(headers.pairs.map(\.value) == ["a.example", "text/html", "*/*", "", "a=1", "b=2"])
    }

    @Test("converts to the common type and back") func becomesTheCommonType() {
        let fields: HTTPFields = [.accept: "a", .userAgent: "b"]
        #expect(Headers(fields).fields == fields)
        #expect(headers.fields[.accept] == "text/html, */*")
        #expect(Headers().pairs.isEmpty)
    }

    @Test("a value may hold colons") func valueMayHold() {
        #expect(Headers(lines: ByteBuffer(string: "Referer: http://a:1/b\r\n"))[.referer] == "http://a:1/b")
    }

    @Test("keeps the fields when it is compacted") func keepsTheFields() {
        #expect(headers.compacted.pairs.map(\.value) == headers.pairs.map(\.value))
    }
}
