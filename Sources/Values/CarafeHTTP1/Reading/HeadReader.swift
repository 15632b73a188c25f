import NIOCore

/// Reads one request's line and header section; the bytes stay in the buffer until the section is complete.
struct HeadReader: Sendable {
    private var requestLine = RequestLineScanner()
    private var line: RequestLine?
    private var fields = FieldLineScanner()
    private var control = ControlFields()
    private var skippedEmptyLine = false

    /// The head, consuming its bytes, or nil when more bytes are needed.
    // Inlined up to `RequestReader.next`, so that a head is built where it is returned, not moved there.
    @inline(__always)
    mutating func read(_ bytes: inout ByteBuffer, limits: RequestReader.Limits) throws(RequestError) -> RequestHead? {
        if requestLine.position == 0, !skippedEmptyLine {
            guard let empty = try Self.emptyLineLength(bytes.readableBytesSpan) else { return nil }
            bytes.moveReaderIndex(forwardBy: empty)
            skippedEmptyLine = empty > 0
        }
        guard let line = try readLine(bytes.readableBytesSpan, limits: limits),
            try readFields(bytes.readableBytesSpan, line, limits: limits)
        else { return nil }
        // The last two bytes are the empty line.
        let section = fields.position - line.length - 2
        guard let lines = bytes.getSlice(at: bytes.readerIndex + line.length, length: section) else { return nil }
        let head = try control.head(line, fields: FieldLines(lines))
        // Not before: of a head that is refused, the bytes still tell the method.
        bytes.moveReaderIndex(forwardBy: line.length + section + 2)
        return head
    }

    /// RFC 9112 §2.2: a server should ignore at least one empty line before the request line; here it is at most one.
    ///
    /// nil when the second byte is not here yet.
    private static func emptyLineLength(_ bytes: RawSpan) throws(RequestError) -> Int? {
        guard bytes.byteCount > 0, bytes[0] == .carriageReturn else { return 0 }
        guard bytes.byteCount > 1 else { return nil }
        guard bytes[1] == .lineFeed else {
            throw .badRequest("request line", expected: "LF after CR", found: bytes[1])
        }
        return 2
    }

    private mutating func readLine(_ bytes: RawSpan, limits: RequestReader.Limits)
        throws(RequestError) -> RequestLine?
    {
        if let line { return line }
        guard let found = try requestLine.scan(bytes, limit: limits.requestLineBytes) else { return nil }
        line = found
        fields = FieldLineScanner(at: found.length)
        return found
    }

    /// Whether the section is complete.
    private mutating func readFields(_ bytes: RawSpan, _ line: RequestLine, limits: RequestReader.Limits)
        throws(RequestError) -> Bool
    {
        while true {
            switch try fields.next(bytes, limit: limits.fieldSectionBytes, countLimit: limits.fieldCount) {
            case .line(let name, let value):
                try control.note(bytes, name: name, value: value, minorVersion: line.minorVersion)
            case .incomplete: return false
            case .end: return true
            }
        }
    }
}
