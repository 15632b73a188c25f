import Testing

@testable import CarafeHTTP

@Suite struct CookieTests {
    @Test("RFC 6265 §4.1.1") func writesItsField() {
        #expect(Cookie("id", "7").field == "id=7; Path=/; SameSite=Lax; HttpOnly")
        let whole = Cookie(
            "id", "7", path: "/a", domain: "example.org", maxAge: 60, isSecure: true, isHTTPOnly: false, sameSite: .none
        )
        #expect(whole.field == "id=7; Path=/a; SameSite=None; Domain=example.org; Max-Age=60; Secure")
        #expect(Cookie("id", "", maxAge: 0, sameSite: .strict).field.contains("SameSite=Strict; Max-Age=0"))
    }

    @Test("RFC 6265 §4.2.1") func readsAField() {
        #expect(Cookie.parse("a=1; b=2;c=x=y; d=; =e; f") == ["a": "1", "b": "2", "c": "x=y", "d": "", "": "e"])
        #expect(Cookie.parse("").isEmpty)
    }

    @Test("RFC 6265 §5.4: the first has the longest path") func theFirstOfANameCounts() {
        #expect(Cookie.parse("a=1; a=2") == ["a": "1"])
    }

    @Test(
        "RFC 6265 §4.1.1: what is no cookie-octet is encoded, and read again as it was",
        arguments: [
            "a; Path=/admin", "a,b", "two words", "\"q\"", "100%", "群聊", "a\\b", "line\r\nSet-Cookie: x=y", "%41",
        ])
    func anyValueComesBackAsItWas(value: String) throws {
        let field = Cookie("name", value).field
        #expect(field.hasSuffix("; Path=/; SameSite=Lax; HttpOnly"))
        let sent = try #require(field.split(separator: ";").first)
        #expect(sent.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\",;\\".utf8.contains($0) })
        #expect(Cookie.parse(String(sent)) == ["name": value])
    }

    @Test func aForeignValueThatIsNotEncodedStaysAsItIs() {
        #expect(Cookie.parse("a=100%; b=%zz; c=%FF; d=\"q\"") == ["a": "100%", "b": "%zz", "c": "%FF", "d": "\"q\""])
    }

    @Test func leavesCookieOctetsAsTheyAre() {
        let value = "AZaz09!#$&'()*+-./:<=>?@[]^_`{|}~"
        #expect(Cookie("a", value).field.hasPrefix("a=\(value);"))
    }
}
