import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct AuthorityTests {
    @Test(
        "RFC 3986 §3.2: hosts and ports",
        arguments: [
            "a", "localhost:8080", "example.org", "example.org:", "127.0.0.1:80", "a:0", "a:65535",
            "xn--bcher-kva.example",
            "a_b.example", "a%20b", "%41", "[::1]", "[::1]:443", "[2001:db8::7]:", "a.", "-",
        ])
    func valid(text: String) {
        #expect(check(text, Authority.isValid))
    }

    @Test(
        "RFC 3986 §3.2: a text that does not name a host and a port",
        arguments: [
            "", ":", ":80", "a:b", "a:65536", "a:000080", "a:-1", "a:80:80", "a b", "a,b", "a/b", "a?b", "a@b", "a#b",
            "a\\b",
            "a\"", "<a>", "é", "%", "%4", "%4g", "a%", "[", "]", "[]", "[::1", "::1", "[::1]a", "[::1]80", "[v1.a]",
            "[::1%25en0]",
            "[a]", "[127.0.0.1]", "[[::1]]",
        ])
    func invalid(text: String) {
        #expect(!check(text, Authority.isValid))
    }
}
