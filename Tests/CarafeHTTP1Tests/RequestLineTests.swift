import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct RequestLineTests {
    @Test(
        "RFC 9110 §9.1: a method is any token, and is case-sensitive",
        arguments: ["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "PATCH", "get", "M-SEARCH", "UPDATEREDIRECTREF"])
    func method(name: String) {
        #expect(requestHead("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")?.method == name)
    }

    @Test(
        "RFC 9112 §3.2: the forms of a target",
        arguments: [
            ("/", RequestHead.TargetForm.origin), ("/a?b=%20", .origin), ("//a", .origin), ("/|^{}\"<>\\`", .origin),
            ("http://a", .absolute), ("hTTps://a/b", .absolute), ("http://a?b", .absolute),
        ])
    func form(target: String, expected: RequestHead.TargetForm) throws {
        let head = try #require(requestHead("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n"))
        #expect(head.target == target)
        #expect(head.targetForm == expected)
    }

    @Test(
        "RFC 9112 §3.2: a target of no form is refused when its line is complete",
        arguments: [
            "*", "a", "?a", "a:80", "http:", "http:/a", "http://", "http:///a", "ftp://a/", "ws://a/", "httpx://a/",
            "http://user@a/", "http://a:b/", "http://a:65536/", "http://[::1/", "http://?a", "http://:80/", "**",
        ])
    func noForm(target: String) {
        #expect(refusal("GET \(target) HTTP/1.1\r\n") == 400)
    }

    @Test("RFC 9112 §3.2.4: the asterisk-form is for OPTIONS only", arguments: ["options", "OPTION", "POST"])
    func asterisk(method: String) {
        #expect(refusal("\(method) * HTTP/1.1\r\n") == 400)
    }
}
