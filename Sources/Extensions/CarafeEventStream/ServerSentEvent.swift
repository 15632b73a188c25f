import NIOCore

/// An event of a stream to a browser's `EventSource` (WHATWG HTML §9.2).
public struct ServerSentEvent: Sendable, Equatable {
    /// The data for the page. It may have several lines.
    public var data: String
    /// The name that the page listens to; nil for `message`. Line breaks are removed.
    public var event: String?
    /// The id that the browser sends back as `Last-Event-ID` when it reconnects. Line breaks and NUL are removed.
    public var id: String?
    /// The time that the browser waits before it reconnects, in whole milliseconds.
    public var retry: Duration?

    /// Creates an event.
    public init(data: String, event: String? = nil, id: String? = nil, retry: Duration? = nil) {
        self.data = data
        self.event = event
        self.id = id
        self.retry = retry
    }

    /// The event in its wire format, with the empty line at its end.
    ///
    /// A CR and a CRLF in the data reach the page as LF (§9.2.5: all three end a line).
    public var text: String { String(buffer: bytes) }

    var bytes: ByteBuffer {
        var bytes = ByteBuffer()
        // Removed and not refused: otherwise one visitor whose name contains a line break would end everybody's
        // streams.
        if let event = event.map(Self.oneLine), !event.isEmpty { bytes.writeEventField(.event, event) }
        if let id = id.map(Self.oneLine) { bytes.writeEventField(.id, id) }
        if let retry { bytes.writeEventField(.retry, "\(max(TimeAmount(retry).nanoseconds, 0) / 1_000_000)") }
        for line in Self.lines(of: data) { bytes.writeEventField(.data) { $0.writeSubstring(line) } }
        bytes.writeEventEnd()
        return bytes
    }

    /// Returns a comment, which browsers ignore, in its wire format.
    static func comment(_ text: String) -> ByteBuffer {
        var bytes = ByteBuffer()
        for line in lines(of: text) { bytes.writeEventField(.comment) { $0.writeSubstring(line) } }
        bytes.writeEventEnd()
        return bytes
    }

    /// Splits the text by bytes: a line break and a character that combines with it are one `Character`.
    private static func lines(of text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text[...]
        while let end = rest.utf8.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            lines.append(rest[..<end])
            let isCR = rest.utf8[end] == 0x0D
            rest = rest[rest.utf8.index(after: end)...]
            if isCR, rest.utf8.first == 0x0A { rest = rest[rest.utf8.index(after: rest.startIndex)...] }
        }
        return lines + [rest]
    }

    private static func oneLine(_ text: String) -> String {
        // WHATWG HTML §9.2.6: an id with a NUL is ignored.
        String(decoding: text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 }, as: UTF8.self)
    }
}
