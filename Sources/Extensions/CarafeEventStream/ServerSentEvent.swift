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
    public var text: String {
        var bytes = ByteBuffer()
        write(to: &bytes)
        return String(buffer: bytes)
    }

    func write(to bytes: inout ByteBuffer) {
        writeFields(to: &bytes)
        bytes.writeEventFields(.data, linesOf: data.utf8)
        bytes.endEvent()
    }

    /// Writes the fields but the data.
    private func writeFields(to bytes: inout ByteBuffer) {
        // Line breaks are removed and not refused: otherwise one visitor whose name contains one would end everybody's
        // streams.
        if let event = event.map(Self.oneLine), !event.isEmpty { bytes.writeEventField(.event, event) }
        if let id = id.map(Self.oneLine) { bytes.writeEventField(.id, id) }
        if let retry { bytes.writeEventField(.retry, "\(max(TimeAmount(retry).nanoseconds, 0) / 1_000_000)") }
    }

    /// Returns an event with this data in place of its own, in its wire format.
    func bytes(data: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(data.readableBytes + 64)
        writeFields(to: &bytes)
        bytes.writeEventFields(.data, linesOf: data.readableBytesView)
        bytes.endEvent()
        return bytes
    }

    /// Returns a comment, which browsers ignore, in its wire format.
    static func comment(_ text: String) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeEventFields(.comment, linesOf: text.utf8)
        bytes.endEvent()
        return bytes
    }

    private static func oneLine(_ text: String) -> String {
        // WHATWG HTML §9.2.6: an id with a NUL is ignored.
        String(decoding: text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 }, as: UTF8.self)
    }
}
