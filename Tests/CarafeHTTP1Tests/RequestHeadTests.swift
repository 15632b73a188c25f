import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct RequestHeadTests {
    @Test("RFC 9112 §3.2.2: the authority of an absolute-form target wins over Host")
    func authorityWins() throws {
        let head = try #require(requestHead("GET http://b.example:81/c?d HTTP/1.1\r\nHost: a.example\r\n\r\n"))
        #expect(head.host == "b.example:81")
        #expect(head.target == "http://b.example:81/c?d")
        #expect(head.pathAndQuery == "/c?d")
        #expect(head.targetForm == .absolute)
    }

    @Test(
        "RFC 9110 §4.2.3: an empty path is /",
        arguments: [("http://b", "/"), ("HTTPS://b?x", "/?x"), ("http://[::1]:80/", "/"), ("/a//b?c", "/a//b?c")])
    func pathAndQuery(target: String, expected: String) {
        #expect(requestHead("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")?.pathAndQuery == expected)
    }

    @Test("RFC 9112 §3.2.4: the asterisk-form")
    func asterisk() throws {
        let head = try #require(requestHead("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"))
        #expect(head.targetForm == .asterisk)
        #expect(head.pathAndQuery == "*")
    }

    @Test("the host comes from its field") func hostComes() {
        #expect(requestHead("GET / HTTP/1.1\r\nX: y\r\nhOST:\t localhost:8080 \r\n\r\n")?.host == "localhost:8080")
        #expect(requestHead("GET / HTTP/1.0\r\n\r\n").map { $0.host == nil } == true)
    }
}
