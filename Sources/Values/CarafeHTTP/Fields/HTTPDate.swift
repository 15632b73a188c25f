#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The dates of HTTP, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7), in seconds since 1970.
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let longDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    package static func format(_ seconds: Int) -> String {
        let day = CivilDay(number: floorDivide(seconds, 86400))
        let second = seconds - day.number * 86400
        let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        let name = days[((day.number + 4) % 7 + 7) % 7]
        return "\(name), \(padded(day.day, 2)) \(months[day.month - 1]) \(padded(day.year, 4)) \(time) GMT"
    }

    /// Parses a date in each of the three forms of RFC 9110 §5.6.7.
    ///
    /// The name of the day is one of the seven and is not compared with the date: it adds no information.
    ///
    /// - Parameters:
    ///   - text: The value of the field.
    ///   - now: The present time in seconds since 1970, which determines the century of a year of two digits.
    /// - Returns: The time in seconds since 1970, or nil for a text that is not a date, such as the 30th of February.
    package static func parse(_ text: String, now: Int? = nil) -> Int? {
        var reader = DateReader(text)
        if reader.take(oneOf: days) != nil {
            return reader.take(",") ? fixedDate(&reader) : asctimeDate(&reader)
        }
        guard reader.take(oneOf: longDays) != nil, reader.take(",") else { return nil }
        return rfc850Date(&reader, now: now ?? time(nil))
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, after the comma.
    private static func fixedDate(_ reader: inout DateReader) -> Int? {
        guard reader.take(" "), let day = reader.number(2), reader.take(" "), let month = reader.take(oneOf: months),
            reader.take(" "), let year = reader.number(4), reader.take(" "), let time = reader.time(),
            reader.take(" GMT"), reader.isAtEnd
        else { return nil }
        return seconds(CivilDay(year: year, month: month + 1, day: day), time)
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`, after the comma.
    private static func rfc850Date(_ reader: inout DateReader, now: Int) -> Int? {
        guard reader.take(" "), let day = reader.number(2), reader.take("-"), let month = reader.take(oneOf: months),
            reader.take("-"), let short = reader.number(2), reader.take(" "), let time = reader.time(),
            reader.take(" GMT"), reader.isAtEnd
        else { return nil }
        let today = CivilDay(number: floorDivide(now, 86400))
        var year = today.year - today.year % 100 + short
        // "MUST interpret a timestamp that appears to be more than 50 years in the future as representing the most
        // recent year in the past that had the same last two digits."
        if (year, month + 1, day) > (today.year + 50, today.month, today.day) { year -= 100 }
        return seconds(CivilDay(year: year, month: month + 1, day: day), time)
    }

    /// `Sun Nov  6 08:49:37 1994`, after the name of the day.
    private static func asctimeDate(_ reader: inout DateReader) -> Int? {
        guard reader.take(" "), let month = reader.take(oneOf: months), reader.take(" "),
            let day = reader.take(" ") ? reader.number(1) : reader.number(2), reader.take(" "),
            let time = reader.time(), reader.take(" "), let year = reader.number(4), reader.isAtEnd
        else { return nil }
        return seconds(CivilDay(year: year, month: month + 1, day: day), time)
    }

    private static func seconds(_ day: CivilDay?, _ time: Int) -> Int? { day.map { $0.number * 86400 + time } }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// Reads the words of a date, byte by byte.
private struct DateReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    /// Returns the index of the word that stands here as a whole.
    mutating func take(oneOf words: [String]) -> Int? {
        let word = rest.prefix(while: \.isASCIILetter)
        guard let index = words.firstIndex(where: { $0.utf8.elementsEqual(word) }) else { return nil }
        rest = rest[word.endIndex...]
        return index
    }

    /// Returns a number of exactly that many digits.
    mutating func number(_ digits: Int) -> Int? {
        let text = rest.prefix(digits)
        guard text.count == digits, text.allSatisfy(\.isASCIIDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// `08:49:37`, in seconds; `23:59:60` is a leap second.
    mutating func time() -> Int? {
        guard let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2), hour < 24,
            minute < 60, second < 60 || (hour, minute, second) == (23, 59, 60)
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }
}

/// A day of the Gregorian calendar, and its number from the first of January 1970.
private struct CivilDay {
    let year: Int
    let month: Int
    let day: Int
    let number: Int

    init(number: Int) {
        self.number = number
        // Years begin in March here, so that the leap day is the last of one; 146,097 days are 400 years.
        let shifted = number + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Returns nil for a day that the month does not have.
    init?(year: Int, month: Int, day: Int) {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(number: era * 146_097 + dayOfEra - 719_468)
        guard (self.year, self.month, self.day) == (year, month, day) else { return nil }
    }
}

private func floorDivide(_ number: Int, _ divisor: Int) -> Int {
    number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
}
