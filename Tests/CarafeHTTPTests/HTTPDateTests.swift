import Testing

@testable import CarafeHTTP

@Suite(.timeLimit(.minutes(10))) struct HTTPDateTests {
    private static let known = [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
        (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (-11_676_096_000, "Sat, 01 Jan 1600 00:00:00 GMT"), (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
    ]

    @Test("RFC 9110 §5.6.7: IMF-fixdate", arguments: known) func writes(seconds: Int, text: String) {
        #expect(HTTPDate.format(seconds) == text)
    }

    @Test("RFC 9110 §5.6.7: IMF-fixdate", arguments: known) func reads(seconds: Int, text: String) {
        #expect(HTTPDate.parse(text) == seconds)
    }

    @Test(
        "refuses a text that is not a date",
        arguments: [
            "", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 30 Feb 2025 08:49:37 GMT",
            "Sat, 29 Feb 2025 08:49:37 GMT", "Sun, 31 Apr 2025 08:49:37 GMT", "Sun, 06 Nov 99999999999 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 gmt",
            "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06 Nov 1994 +8:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", "Foo, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 30-Feb-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
            "Sun Feb 30 08:49:37 1994", "Sun Nov  6 08:49:37 94", "\"etag\"",
        ])
    func refusesTextNotDate(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test(
        "RFC 9110 §5.6.7: a recipient takes all three forms, and leap seconds",
        arguments: [
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Wed Nov 16 08:49:37 1994", 784_975_777), ("Wednesday, 29-Feb-00 00:00:00 GMT", 951_782_400),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800), ("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ])
    func forms(text: String, seconds: Int) {
        #expect(HTTPDate.parse(text, now: 1_795_000_000) == seconds)
    }

    @Test("RFC 9110 §5.6.7: a year of two digits is at most 50 years ahead") func century() {
        // 2026-11-18, within the second.
        let now = 1_794_999_600
        #expect(HTTPDate.parse("Tuesday, 01-Jan-74 00:00:00 GMT", now: now) == 3_281_990_400)
        #expect(HTTPDate.parse("Friday, 01-Jan-77 00:00:00 GMT", now: now) == 220_924_800)
        #expect(HTTPDate.parse("Friday, 01-Jan-99 00:00:00 GMT", now: now) == 915_148_800)
    }
}
