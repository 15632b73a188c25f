import Testing

@testable import CarafeWebSocketClient

@Suite("WebSocketURL", .timeLimit(.minutes(10)))
struct WebSocketURLTests {
    @Test(
        "RFC 6455 §3: host, port, and the resource name of path and query",
        arguments: [
            ("ws://a.example", "a.example", 80, "/"),
            ("ws://a.example/", "a.example", 80, "/"),
            ("WS://a.example:9988/chat/%E4%B8%96?room=1&x=a%20b", "a.example", 9988, "/chat/%E4%B8%96?room=1&x=a%20b"),
            ("ws://a.example?x", "a.example", 80, "/?x"),
            ("ws://127.0.0.1:1/a//b/", "127.0.0.1", 1, "/a//b/"),
            ("ws://[::1]:9000/x", "::1", 9000, "/x"),
            ("wss://a.example/x", "a.example", 443, "/x"),
        ])
    func parses(text: String, host: String, port: Int, resource: String) throws {
        let url = try WebSocketURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.resource == resource)
        #expect(url.isSecure == text.hasPrefix("wss"))
    }

    @Test(
        "RFC 9110 §7.2: Host has the port only where it is not the scheme's",
        arguments: [
            ("ws://a.example/", "a.example"), ("ws://a.example:80/", "a.example"), ("ws://a:81", "a:81"),
            ("ws://[::1]:9000/x", "[::1]:9000"), ("ws://[::1]/x", "[::1]"), ("wss://a/", "a"), ("wss://a:443/", "a"),
            ("wss://a:80/", "a:80"), ("ws://[fe80::1%25eth0]:81/", "[fe80::1]:81"), ("ws://a_b/", "a_b"),
        ])
    func authority(text: String, authority: String) throws {
        #expect(try WebSocketURL(text).authority == authority)
    }

    @Test(
        "a text that is not a URL of a WebSocket is refused with its reason",
        arguments: [
            ("", "expected ws://HOST:PORT/PATH"), ("chat", "expected ws://HOST:PORT/PATH"),
            ("/chat", "expected ws://HOST:PORT/PATH"), ("ws:///chat", "expected ws://HOST:PORT/PATH"),
            ("http://a.example", "expected the scheme ws or wss"),
            ("ws://a.example/#top", "expected no fragment"), ("ws://ann:secret@a.example/", "expected no user"),
            ("ws://a.example:0/", "expected a port from 1 to 65535"),
            ("ws://a.example:70000/", "expected a port from 1 to 65535"),
            ("ws://a%20b/", "expected a host of letters"), ("ws://a%C3%A9/", "expected a host of letters"),
        ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: WebSocketClientError.self) { try WebSocketURL(text) }
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains(text) == true)
    }
}
