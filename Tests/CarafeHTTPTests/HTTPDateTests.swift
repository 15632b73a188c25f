import Testing

@testable import CarafeHTTP

@Suite struct HTTPDateTests {
    private static let known = [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
        (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"),
    ]

    @Test("RFC 9110 §5.6.7: IMF-fixdate", arguments: known) func writes(seconds: Int, text: String) {
        #expect(HTTPDate.format(seconds) == text)
    }

    @Test("RFC 9110 §5.6.7: IMF-fixdate", arguments: known) func reads(seconds: Int, text: String) {
        #expect(HTTPDate.parse(text) == seconds)
    }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 99999999999 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "\"etag\"",
    ])
    func refusesWhatIsNoDate(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
