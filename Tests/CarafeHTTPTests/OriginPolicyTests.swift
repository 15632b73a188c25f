import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct OriginPolicyTests {
    @Test(
        "RFC 6455 §10.2: pages of the same host are let in",
        arguments: [
            ("http://example.com", "example.com"), ("https://example.com", "example.com"),
            ("https://example.com", "example.com:443"), ("http://example.com:80", "example.com"),
            ("http://EXAMPLE.com", "Example.COM"), ("http://localhost:8080", "localhost:8080"),
            ("http://[::1]:8080", "[::1]:8080"), ("https://[::1]", "[::1]:443"), ("http://example.com", "example.com:"),
            ("https://shop.example", "shop.example:443"), ("http://[0:0::1]:8080", "[::1]:8080"),
        ]
    )
    func same(origin: String, host: String) {
        #expect(OriginPolicy.sameHost.allows(origin: origin, host: host))
    }

    @Test(
        "RFC 6455 §10.2: pages of other hosts are refused, and so are values that are not origins",
        arguments: [
            ("http://evil.com", "example.com"), ("http://example.com.evil.com", "example.com"),
            ("http://sub.example.com", "example.com"), ("http://example.com:8080", "example.com"),
            ("http://example.com", "example.com:443"), ("http://example.com", "example.com:8080"),
            ("null", "null"), ("", ""), ("example.com", "example.com"), ("http://", ""),
            ("http://example.com/", "example.com"), ("http://evil.com@example.com", "evil.com@example.com"),
            ("http://example.com:99999", "example.com:99999"), ("http://example.com:+80", "example.com"),
            ("chrome-extension://example.com", "example.com"), ("http://[::1]", "[::2]"),
            ("https://shop.example:8443", "shop.example"),
            ("http://\u{212A}.com", "k.com"), ("http://a/\u{301}b", "a"),
            ("http://a.com http://example.com", "example.com"), ("http://example.com, http://b.com", "example.com"),
        ]
    )
    func other(origin: String, host: String) {
        #expect(!OriginPolicy.sameHost.allows(origin: origin, host: host))
    }

    @Test("RFC 6455 §10.2: no Origin, no browser", arguments: [OriginPolicy.sameHost, .list([]), .any])
    func missing(policy: OriginPolicy) {
        #expect(policy.allows(origin: nil, host: "example.com"))
        #expect(policy.allows(origin: nil, host: nil))
    }

    @Test("An origin without a Host to compare it with is refused")
    func missingHost() {
        #expect(!OriginPolicy.sameHost.allows(origin: "http://example.com", host: nil))
    }

    @Test("RFC 6454 §5: origins of a list are compared by scheme, host and port")
    func list() {
        let policy = OriginPolicy.list(["https://Example.com", "http://localhost:8080", "chrome-extension://abc"])
        #expect(policy.allows(origin: "https://example.com", host: nil))
        #expect(policy.allows(origin: "https://example.com:443", host: "other"))
        #expect(policy.allows(origin: "http://localhost:8080", host: nil))
        #expect(policy.allows(origin: "chrome-extension://abc", host: nil))
        #expect(!policy.allows(origin: "http://example.com", host: "example.com"))
        #expect(!policy.allows(origin: "http://localhost", host: nil))
        #expect(!policy.allows(origin: "null", host: nil))
        #expect(!policy.allows(origin: "rubbish", host: nil))
    }

    @Test("RFC 6454 §6.1: null is let in only where it is named")
    func null() {
        #expect(OriginPolicy.list(["null"]).allows(origin: "null", host: nil))
        #expect(OriginPolicy.any.allows(origin: "null", host: nil))
    }
}
