import HTTPTypes
package import NIOCore

/// A parser of multipart/form-data (RFC 7578, RFC 2046 §5.1): bytes in, however they are split, and events out.
///
/// It buffers no more than the header fields of one part, or a possible beginning of a delimiter. Parts inside of parts
/// (multipart/mixed, RFC 7578 §4.3) are not parsed: such a part is data like any other.
package struct MultipartParser: Sendable {
    /// The limits of a body.
    package struct Limits: Sendable {
        /// The number of parts, fields and files together: 1,000.
        package var partCount = 1000
        /// The bytes of the header fields of one part: 8 KiB.
        package var headLength = 8 << 10

        package init() {}
    }

    package enum Event: Sendable, Equatable {
        case head(PartHead)
        case data(ByteBuffer)
        case end
    }

    private enum State {
        case preamble
        case body
        case afterDelimiter
        case head
        case epilogue
    }

    private let delimiter: Delimiter
    private let limits: Limits
    private var state = State.preamble
    private var parts = 0
    /// The bytes before the first delimiter, or between a delimiter and the end of its line.
    private var skipped = 0
    /// The bytes of a head that were searched.
    private var scanned = 0
    // RFC 2046 §5.1.1: at the beginning of the body a delimiter has no CRLF before it.
    private var buffer = ByteBuffer(string: "\r\n")

    package init(_ delimiter: Delimiter, _ limits: Limits = Limits()) {
        self.delimiter = delimiter
        self.limits = limits
    }

    package mutating func receive(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// Parses the next event.
    ///
    /// - Returns: The event, or nil when the parser needs more bytes.
    /// - Throws: 400 for a malformed body, and 413 past a limit.
    package mutating func next() throws(HTTPError) -> Event? {
        while true {
            switch state {
            case .preamble: guard try skipPreamble() else { return nil }
            case .afterDelimiter: guard try readLineEnd() else { return nil }
            case .head: return try readHead().map(Event.head)
            case .body: return readBody()
            case .epilogue:
                // RFC 2046 §5.1.1: the epilogue is ignored.
                buffer.clear()
                return nil
            }
        }
    }

    /// Throws 400 before the last delimiter: otherwise a body that broke off would look complete.
    package func finish() throws(HTTPError) {
        guard case .epilogue = state else { throw HTTPError(.badRequest, "Expected the last boundary.") }
    }

    private mutating func skipPreamble() throws(HTTPError) -> Bool {
        switch delimiter.find(in: buffer) {
        case .at(let place):
            try skip(place)
            passDelimiter()
            return true
        case .notBefore(let place):
            try skip(place)
            return false
        }
    }

    private mutating func readBody() -> Event? {
        switch delimiter.find(in: buffer) {
        case .at(0):
            passDelimiter()
            return .end
        case .at(let place), .notBefore(let place):
            return place == 0 ? nil : buffer.readSlice(length: place).map(Event.data)
        }
    }

    private mutating func passDelimiter() {
        buffer.moveReaderIndex(forwardBy: delimiter.bytes.count)
        skipped = 0
        state = .afterDelimiter
    }

    /// RFC 2046 §5.1.1: after the boundary, two hyphens end the body; else white space and CRLF end the line.
    private mutating func readLineEnd() throws(HTTPError) -> Bool {
        guard let first = buffer.peekInteger(as: UInt16.self) else { return false }
        if first == 0x2D2D, skipped == 0 {
            state = .epilogue
            return true
        }
        let spaces = buffer.readableBytesView.prefix { $0 == 0x20 || $0 == 0x09 }.count
        try skip(spaces)
        guard let end = buffer.peekInteger(as: UInt16.self) else { return false }
        guard end == 0x0D0A else { throw HTTPError(.badRequest, "Expected the end of a line after a boundary.") }
        parts += 1
        guard parts <= limits.partCount else {
            throw HTTPError(.contentTooLarge, "Expected at most \(limits.partCount) parts.")
        }
        // The CRLF stays, so that a head without a line ends like any other.
        scanned = 0
        state = .head
        return true
    }

    private mutating func skip(_ count: Int) throws(HTTPError) {
        skipped += count
        buffer.moveReaderIndex(forwardBy: count)
        guard skipped <= limits.headLength else { throw HTTPError(.badRequest, "Expected a boundary.") }
    }

    private mutating func readHead() throws(HTTPError) -> PartHead? {
        let view = buffer.readableBytesView
        let end = view.dropFirst(scanned).firstRange(of: Self.emptyLine)
        // Three bytes of the empty line may be there.
        let length = end.map { $0.lowerBound - view.startIndex } ?? view.count - 3
        guard length <= limits.headLength else {
            throw HTTPError(.contentTooLarge, "Expected header fields of at most \(limits.headLength) bytes in a part.")
        }
        guard end != nil else {
            scanned = max(0, view.count - 3)
            return nil
        }
        buffer.moveReaderIndex(forwardBy: 2)
        let head = try PartHead(buffer.readSlice(length: length) ?? ByteBuffer())
        buffer.moveReaderIndex(forwardBy: 2)
        state = .body
        return head
    }

    private static let emptyLine = Array("\r\n\r\n".utf8)
}
