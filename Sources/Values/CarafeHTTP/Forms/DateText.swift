package import FoundationEssentials

/// Dates as text: ISO 8601 in the form of RFC 3339, such as `2026-11-28T15:04:05Z`.
package enum DateText {
    /// The date that error messages show.
    package static let example = "2026-11-28T15:04:05Z"

    /// Returns the date in UTC, in whole seconds; nil for a year that RFC 3339 does not have.
    package static func text(_ date: Date) -> String? {
        // RFC 3339 §1: years 0 to 9999.
        guard (-62_167_219_200...253_402_300_799).contains(date.timeIntervalSince1970) else { return nil }
        return date.formatted(.iso8601)
    }

    /// Parses a date with or without fractions of a second, in UTC or with an offset.
    package static func date(_ text: String) -> Date? {
        let isPlain =
            text.utf8.count <= 40
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || "TZtz:.+-".utf8.contains(byte)
            }
        guard isPlain else { return nil }
        return (try? Date.ISO8601FormatStyle().parse(text))
            ?? (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
    }
}
