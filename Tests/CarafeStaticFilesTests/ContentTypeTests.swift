import Testing

@testable import CarafeStaticFiles

@Suite(.timeLimit(.minutes(10))) struct ContentTypeTests {
    @Test(
        "the type follows the file extension",
        arguments: [
            ("a.html", "text/html; charset=utf-8"), ("jquery-3.6.1.min.js", "text/javascript; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"), ("A.PNG", "image/png"), ("a.svg", "image/svg+xml"),
            ("a.json", "application/json"), ("a.wasm", "application/wasm"), ("a.tar.gz", "application/gzip"),
            ("README", "application/octet-stream"), ("a.", "application/octet-stream"),
            ("a.unknown", "application/octet-stream"),
        ])
    func followsTheEnd(name: String, type: String) {
        #expect(ContentType.of(name) == type)
    }
}
