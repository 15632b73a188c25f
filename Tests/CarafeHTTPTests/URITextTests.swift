import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct URITextTests {
    @Test(
        "RFC 3986 §2.1, RFC 9110 §10.2.2",
        arguments: [
            ("/群聊", "/%E7%BE%A4%E8%81%8A"), ("/a b", "/a%20b"), ("/a%20b", "/a%20b"), ("/100%", "/100%25"),
            ("/%zz", "/%25zz"), ("/a\\b", "/a%5Cb"), ("/?q[]={x}", "/?q%5B%5D=%7Bx%7D"),
            ("/a?b=c&d=e;f#g", "/a?b=c&d=e;f#g"),
            ("/a#b#c", "/a#b%23c"), ("/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@"),
            ("/e\u{301}/\u{301}", "/e%CC%81/%CC%81"),
        ])
    func encodes(text: String, url: String) {
        #expect(URIText.encoded(text) == url)
        #expect(URIText.encoded(url) == url, "escapes stay")
    }
}
