import Testing

@testable import CarafeHTTP

@Suite("MediaType: WHATWG MIME Sniffing §4.6", .timeLimit(.minutes(10)))
struct MediaTypeTests {
    @Test("types of JSON", arguments: ["application/json", "text/json", "application/problem+json", "a/b+json"])
    func json(type: String) {
        #expect(MediaType.isJSON(type))
    }

    @Test(
        "other types",
        arguments: [
            "", "json", "text/plain", "application/jsonp", "application/json-seq", "+json", "a/+json", "/+json",
            "<a>/b+json",
        ])
    func other(type: String) {
        #expect(!MediaType.isJSON(type))
    }
}
