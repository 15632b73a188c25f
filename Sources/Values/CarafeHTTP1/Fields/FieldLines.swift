package import NIOCore

/// A field section as it was received, "Name: value\r\n" line after line, read where it lies.
///
/// An iteration returns the lines in their order; nothing is copied or decoded until a range is asked for as a string.
package struct FieldLines: Sendable, Equatable {
    /// The lines, each with its CRLF, without the empty line at the end.
    package let bytes: ByteBuffer

    /// Field lines that are known to be valid; those of invalid ones are read as whatever they look like.
    package init(_ bytes: ByteBuffer) { self.bytes = bytes }

    /// A line, as offsets from the first readable byte of ``FieldLines/bytes``.
    package struct Line: Sendable, Equatable {
        /// The range of the name.
        package let name: Range<Int>
        /// The range of the value, without the whitespace around it.
        package let value: Range<Int>
    }

    /// The text in a range of a ``Line``, as UTF-8; bytes that are not UTF-8 become U+FFFD.
    ///
    /// - Precondition: the range lies within the section.
    package subscript(_ range: Range<Int>) -> String { bytes.readableBytesSpan.string(range) }

    /// The value of the first field of this name, given in lower case.
    package func value(of name: String) -> String? {
        first(name, from: 0).map { self[$0.value] }
    }

    /// The values of all fields of this name, given in lower case, in the order of their lines.
    package func values(of name: String) -> [String] {
        var values: [String] = []
        var start = 0
        while let line = first(name, from: start) {
            values.append(self[line.value])
            start = line.value.upperBound
        }
        return values
    }

    /// Whether there is a field of this name, given in lower case.
    package func contains(_ name: String) -> Bool { first(name, from: 0) != nil }

    /// The first line with this name in or after the line that `start` is in.
    private func first(_ name: String, from start: Int) -> Line? {
        let lines = bytes.readableBytesSpan
        let name = name.utf8Span.span
        var lineStart = start == 0 ? 0 : lines.lineEnd(from: start)
        while lineStart < lines.byteCount {
            // Only a line whose colon is where this name would end is compared; no colon is searched for.
            let colon = lineStart + name.count
            if colon < lines.byteCount, lines[colon] == UInt8(ascii: ":"), lines.matches(name, at: lineStart) {
                return lines.line(in: lineStart..<lines.lineEnd(from: colon), colon: colon)
            }
            lineStart = lines.lineEnd(from: lineStart)
        }
        return nil
    }
}

extension FieldLines: Sequence {
    /// An iterator over the lines.
    package struct Iterator: IteratorProtocol {
        fileprivate let bytes: ByteBuffer
        fileprivate var lineStart = 0

        package mutating func next() -> Line? {
            guard let (line, end) = Self.line(bytes.readableBytesSpan, from: lineStart) else { return nil }
            lineStart = end
            return line
        }

        private static func line(_ lines: RawSpan, from start: Int) -> (Line, end: Int)? {
            guard start < lines.byteCount else { return nil }
            let end = lines.lineEnd(from: start)
            let colon = lines.first(UInt8(ascii: ":"), in: start..<end) ?? end
            return (lines.line(in: start..<end, colon: colon), end)
        }
    }

    package func makeIterator() -> Iterator { Iterator(bytes: bytes) }
}

extension RawSpan {
    /// The offset after the line that `start` is in. A validated line has no control characters but HTAB and its CRLF.
    fileprivate func lineEnd(from start: Int) -> Int {
        var offset = start
        while offset < byteCount {
            offset = firstControl(in: offset..<byteCount)
            if offset + 1 < byteCount, self[offset] == .carriageReturn, self[offset + 1] == .lineFeed {
                return offset + 2
            }
            offset += 1
        }
        return byteCount
    }

    /// The parts of a line, which `range` holds with its CRLF.
    fileprivate func line(in range: Range<Int>, colon: Int) -> FieldLines.Line {
        var end = range.upperBound
        if end > range.lowerBound, self[end - 1] == .lineFeed { end -= 1 }
        if end > range.lowerBound, self[end - 1] == .carriageReturn { end -= 1 }
        let nameEnd = Swift.min(colon, end)
        return FieldLines.Line(
            name: range.lowerBound..<nameEnd, value: trimmed(Swift.min(nameEnd + 1, end)..<end))
    }

    /// Whether the bytes from `start`, in lower case, are `name`.
    fileprivate func matches(_ name: Span<UInt8>, at start: Int) -> Bool {
        for index in 0..<name.count where self[start + index].lowercased != name[index] { return false }
        return true
    }
}
