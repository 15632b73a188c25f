/// Finds the lines of a field section as its bytes arrive: RFC 9112 §5, `field-name ":" OWS field-value OWS CRLF`.
///
/// It serves the header section and the trailer section. It looks at every byte once, however the section is split,
/// and fails at the first byte that cannot be right.
struct FieldLineScanner: Sendable {
    /// The first byte that it did not look at, from the start of the bytes that it is given.
    private(set) var position: Int
    /// The number of lines that were found.
    private(set) var count = 0
    private var lineStart: Int
    /// The end of the line's name; 0 while it is not found: no name ends there, it would be empty.
    private var nameEnd = 0
    private let sectionStart: Int

    enum Step {
        /// More bytes are needed.
        case incomplete
        /// A line; the value still has whitespace at its ends.
        case line(name: Range<Int>, value: Range<Int>)
        /// The empty line: ``FieldLineScanner/position`` is after it.
        case end
    }

    init(at start: Int = 0) {
        position = start
        lineStart = start
        sectionStart = start
    }

    /// The next line. `limit`: the longest section in bytes, with its empty line.
    @inline(__always)
    mutating func next(_ bytes: RawSpan, limit: Int, countLimit: Int) throws(RequestError) -> Step {
        let available = bytes.byteCount - sectionStart
        let end = sectionStart + min(available, max(limit, 0))
        if nameEnd == 0, position < end {
            if position == lineStart, bytes[position] == .carriageReturn {
                if try lineEnds(bytes, end: end) { return .end }
            } else {
                try scanName(bytes, end: end)
            }
        }
        if nameEnd != 0, let value = try scanValue(bytes, end: end) {
            let name = lineStart..<nameEnd
            (lineStart, nameEnd) = (position, 0)
            count += 1
            guard count <= countLimit else { throw Self.tooLarge("\(countLimit) fields") }
            return .line(name: name, value: value)
        }
        guard available < limit else { throw Self.tooLarge("\(limit) bytes") }
        return .incomplete
    }

    @inline(__always)
    private mutating func scanName(_ bytes: RawSpan, end: Int) throws(RequestError) {
        position = bytes.firstNonToken(in: position..<end)
        guard position < end else { return }
        guard bytes[position] == UInt8(ascii: ":"), position > lineStart else {
            throw Self.invalidName(bytes[position], isFirst: position == lineStart)
        }
        nameEnd = position
        position += 1
    }

    /// The value, with the whitespace around it; nil when more bytes are needed.
    @inline(__always)
    private mutating func scanValue(_ bytes: RawSpan, end: Int) throws(RequestError) -> Range<Int>? {
        position = bytes.firstControl(in: position..<end)
        while position < end, bytes[position] == .tab {
            position = bytes.firstControl(in: (position + 1)..<end)
        }
        guard position < end else { return nil }
        guard bytes[position] == .carriageReturn else {
            // RFC 9110 §5.5: CR, LF, NUL and the other control characters are invalid in a value.
            throw .badRequest("field value", expected: "no control character, then CRLF", found: bytes[position])
        }
        let valueEnd = position
        return try lineEnds(bytes, end: end) ? (nameEnd + 1)..<valueEnd : nil
    }

    /// Whether LF follows the CR at `position`, which it then steps over; no when that byte is not here yet.
    @inline(__always)
    private mutating func lineEnds(_ bytes: RawSpan, end: Int) throws(RequestError) -> Bool {
        guard position + 1 < end else { return false }
        // RFC 9112 §2.2: a bare CR is invalid outside of content.
        guard bytes[position + 1] == .lineFeed else {
            throw .badRequest("line end", expected: "LF after CR", found: bytes[position + 1])
        }
        position += 2
        return true
    }

    /// RFC 9112 §5.1: no whitespace before the colon; §5.2: no folded line; §2.2: none before the first line either.
    @inline(never)
    private static func invalidName(_ byte: UInt8, isFirst: Bool) -> RequestError {
        isFirst
            ? .badRequest("field name", expected: "a token that is not empty or folded", found: byte)
            : .badRequest("field name", expected: "a token character or a colon", found: byte)
    }

    /// RFC 6585 §5.
    @inline(never)
    private static func tooLarge(_ expected: String) -> RequestError {
        RequestError(status: 431, reason: "field section: expected at most \(expected), found more")
    }
}
