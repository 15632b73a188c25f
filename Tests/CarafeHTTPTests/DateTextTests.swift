import FoundationEssentials
import Testing

@testable import CarafeHTTP

@Suite("DateText: RFC 3339 §5.6", .timeLimit(.minutes(10)))
struct DateTextTests {
    @Test(
        "dates are read with and without fractions, in UTC and with an offset",
        arguments: [
            ("2026-11-28T15:04:05Z", 1_795_878_245), ("2026-11-28T15:04:05.5Z", 1_795_878_245.5),
            ("2026-11-28T15:04:05.125Z", 1_795_878_245.125), ("2026-11-28T17:04:05+02:00", 1_795_878_245),
            ("2026-11-28T12:34:05.250-02:30", 1_795_878_245.25), ("1969-12-31T23:59:59Z", -1),
        ])
    func reads(text: String, seconds: Double) {
        #expect(DateText.date(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(
        "another text is refused",
        arguments: [
            "", "now", "1795878245", "2026-11-28", "2026-11-28T15:04:05", "2026-13-28T15:04:05Z",
            "2026-11-28T15:04:05Zx",
            "2026-11-28T15:04:05Z" + String(repeating: "0", count: 100),
        ])
    func refuses(text: String) {
        #expect(DateText.date(text) == nil)
    }

    @Test("dates are written in UTC and whole seconds; one outside of the years 0 to 9999 has no text")
    func writes() {
        #expect(DateText.text(Date(timeIntervalSince1970: 1_795_878_245.9)) == "2026-11-28T15:04:05Z")
        #expect(DateText.text(Date(timeIntervalSince1970: .nan)) == nil)
        #expect(DateText.text(.distantFuture.addingTimeInterval(1e12)) == nil)
    }
}
