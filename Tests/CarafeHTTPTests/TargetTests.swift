import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct TargetTests {
    @Test(
        "splits path and query",
        arguments: [
            ("/", "/", nil), ("/a/b", "/a/b", nil), ("/a/", "/a/", nil), ("/a?b=c", "/a", "b=c"), ("/a?", "/a", ""),
            ("/a?b?c", "/a", "b?c"), ("/?/../x", "/", "/../x"), ("/.well-known/x", "/.well-known/x", nil),
            ("/a.b/..c", "/a.b/..c", nil), ("/...", "/...", nil),
        ] as [(String, String, String?)])
    func splitsPathAndQuery(text: String, path: String, query: String?) {
        #expect(Target(text)?.path == path)
        #expect(Target(text)?.query == query)
    }

    @Test(
        "RFC 3986 §5.2.4: dot segments, encoded ones too",
        arguments: [
            ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/a/b/..", "/a/"), ("/a/b/.", "/a/b/"), ("/.", "/"),
            ("/a/..", "/"), ("/a/%2e/b", "/a/b"), ("/a/%2e%2E/b", "/b"), ("/a/.%2e/b", "/b"), ("/a/%2e./b", "/b"),
            ("/a/b/../../c/", "/c/"),
        ])
    func resolvesDotSegments(text: String, path: String) {
        #expect(Target(text)?.path == path)
    }

    @Test(
        "makes repeated slashes one",
        arguments: [
            ("//", "/"), ("//a", "/a"), ("/a//b", "/a/b"), ("/a///", "/a/"), ("//evil.example/", "/evil.example/"),
        ])
    func makesRepeatedSlashesOne(text: String, path: String) {
        #expect(Target(text)?.path == path)
    }

    @Test(
        "refuses to leave the root",
        arguments: ["/..", "/a/../..", "/%2e%2e", "/%2e%2e/etc/passwd", "/a/%2E./../x", "/.//.."])
    func refusesToLeave(text: String) {
        #expect(Target(text) == nil)
    }

    @Test(
        "refuses NUL, broken escapes and bytes that are not UTF-8",
        arguments: [
            "/%00", "/a%00b", "/%", "/%4", "/%zz", "/%C0%AE%C0%AE/x", "/%E0%80%AF", "/%FF", "/%C3", "/%ED%A0%80",
        ])
    func refusesNULBrokenEscapes(text: String) {
        #expect(Target(text) == nil)
    }

    @Test("refuses a text that is not a path", arguments: ["", "a", "*", "?", "http://localhost/", "\\"])
    func refusesTextNotPath(text: String) {
        #expect(Target(text) == nil)
    }

    @Test("an encoded slash stays inside its segment") func encodedSlashStays() {
        #expect(Target("/a%2Fb/c")?.path == "/a%2Fb/c")
        #expect(Target("/a%2F..%2Fb")?.path == "/a%2F..%2Fb")
        #expect(Target("/a%2F../b")?.path == "/a%2F../b")
        #expect(Target("/..%2F..")?.path == "/..%2F..")
    }

    @Test("RFC 3986 §3.3: a backslash is no path character; browsers take it for a slash")
    func encodesABackslash() {
        #expect(Target(#"/\evil.example/"#)?.path == "/%5Cevil.example/")
        #expect(Target(#"/a\b?c\d"#)?.description == #"/a%5Cb?c\d"#)
    }

    @Test("finds slashes beside characters that combine with them") func seesSlashesBesideCharacters() {
        // U+0600 joins with what follows it, U+0301 with what precedes it, into one Character.
        #expect(Target("/a/\u{600}/../b")?.path == "/a/b")
        #expect(Target("/a/\u{301}/../b")?.path == "/a/b")
    }

    @Test("describes itself as it was sent", arguments: ["/", "/a/b?c=d", "/a%20b?", "/a/?x=%2F"])
    func describesItself(text: String) {
        #expect(Target(text)?.description == text)
    }
}
