import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct CookieTests {
    @Test("RFC 6265 §4.1.1") func writesItsField() {
        #expect(Cookie("id", "7").field == "id=7; Path=/; SameSite=Lax; HttpOnly")
        let whole = Cookie(
            "id", "7", path: "/a", domain: "example.org", maxAge: .seconds(60), isSecure: true, isHTTPOnly: false,
            sameSite: .none
        )
        #expect(whole.field == "id=7; Path=/a; SameSite=None; Domain=example.org; Max-Age=60; Secure")
        #expect(Cookie("id", "", maxAge: .zero, sameSite: .strict).field.contains("SameSite=Strict; Max-Age=0"))
    }

    @Test("RFC 6265 §4.2.1") func readsAField() {
        #expect(Cookie.parse("a=1; b=2;c=x=y; d=; =e; f") == ["a": "1", "b": "2", "c": "x=y", "d": "", "": "e"])
        #expect(Cookie.parse("").isEmpty)
    }

    @Test(
        "RFC 6265 §4.2.1: a separator and a mark after it are two bytes",
        arguments: ["\u{200D}", "\u{301}", "\u{FE0F}"])
    func readsBytes(mark: String) {
        let cookies = Cookie.parse("a=\(mark)x;\(mark)c=3; b=2;\td=4")
        #expect(cookies["a"].map { Array($0.utf8) } == Array("\(mark)x".utf8))
        #expect(cookies["b"] == "2" && cookies["d"] == "4" && cookies.count == 3)
    }

    @Test("RFC 6265bis §4.1, §5.7: what no browser takes is an error that names the cookie") func checks() throws {
        try Cookie("__Host-id", "群聊").check()
        try Cookie("id", "7", path: "/a%20b", domain: "example.org").check()
        for bad in [
            Cookie("", "x"), Cookie("a b", "x"), Cookie("a=b", "x"), Cookie("ä", "x"), Cookie("a\r\nb", "x"),
            Cookie("id", "x", path: "/; Domain=b"), Cookie("id", "x", path: "a"), Cookie("id", "x", path: "/ä"),
            Cookie("id", "x", domain: "a; Path=/b"), Cookie("id", "x", domain: ""), Cookie("id", "x", domain: "a:80"),
            Cookie("__Host-id", "x", path: "/a"), Cookie("__host-id", "x", domain: "example.org"),
            Cookie("id", String(repeating: "x", count: 4095)),
        ] {
            let error = #expect(throws: CookieError.self) { try bad.check() }
            #expect(error?.description.contains("expected") == true)
        }
    }

    @Test("RFC 6265bis §4.1.1: Max-Age is of digits, and a Domain begins with no dot") func attributes() throws {
        #expect(Cookie("a", "", maxAge: .seconds(-1)).field.contains("; Max-Age=0;"))
        let cookie = Cookie("a", "1", domain: ".example.org")
        try cookie.check()
        #expect(cookie.field.contains("; Domain=example.org;"))
    }

    @Test(
        "RFC 6265bis §4.1.1: a domain is labels of letters, digits and hyphens",
        arguments: [
            "example.org ", " example.org", "a b", "example..org", "example.org.", "..example.org", ".", "[::1]", "a_b",
            "-a.example", "a-.example", "é.example", String(repeating: "a", count: 64),
        ])
    func domains(bad: String) throws {
        #expect(throws: CookieError.self) { try Cookie("id", "x", domain: bad).check() }
        try Cookie("id", "x", domain: "xn--e1afmkfd.Example-1.127").check()
    }

    @Test(
        "RFC 6265bis §5.1.4: no path of a request has a space",
        arguments: ["/a b", "/ "])
    func paths(bad: String) {
        #expect(throws: CookieError.self) { try Cookie("id", "x", path: bad).check() }
    }

    @Test("RFC 6265bis §4.2.1, RFC 9110 §5.6.3: bad white space is parsed, and removed") func readsBadWhiteSpace() {
        #expect(Cookie.parse("a = 1;\tb\t=\t2 3 ;c= ;\u{A0}d=4") == ["a": "1", "b": "2 3", "c": ""])
    }

    @Test("RFC 6265bis §5.7: what browsers take with Secure only has it", arguments: ["__Host-a", "__SECURE-a"])
    func secure(name: String) {
        #expect(Cookie(name, "x").field.contains("; Secure"))
        #expect(Cookie("a", "x", sameSite: .none).field.contains("; Secure"))
        #expect(!Cookie("a", "x").field.contains("Secure"))
    }

    @Test("RFC 6265 §5.4: the first has the longest path") func theFirstOfANameCounts() {
        #expect(Cookie.parse("a=1; a=2") == ["a": "1"])
    }

    @Test(
        "RFC 6265 §4.1.1: a character other than a cookie-octet is encoded, and decoded again",
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

    @Test("a foreign value that is not encoded stays as it is") func foreignValue() {
        #expect(Cookie.parse("a=100%; b=%zz; c=%FF; d=\"q\"") == ["a": "100%", "b": "%zz", "c": "%FF", "d": "\"q\""])
    }

    @Test("leaves cookie octets as they are") func leavesCookieOctets() {
        let value = "AZaz09!#$&'()*+-./:<=>?@[]^_`{|}~"
        #expect(Cookie("a", value).field.hasPrefix("a=\(value);"))
    }
}
