public import NIOCore

/// One event of a stream to a browser's `EventSource` (WHATWG HTML §9.2).
public struct ServerSentEvent: Sendable, Equatable {
    /// What the page gets; it may have several lines.
    public var data: String
    /// The name that the page listens to; nil is `message`. Line breaks are left out.
    public var event: String?
    /// What the browser sends back as `Last-Event-ID` when it connects anew. Line breaks and NUL are left out.
    public var id: String?
    /// How long the browser waits before it connects anew, in whole milliseconds.
    public var retry: TimeAmount?

    /// An event of its parts.
    public init(data: String, event: String? = nil, id: String? = nil, retry: TimeAmount? = nil) {
        self.data = data
        self.event = event
        self.id = id
        self.retry = retry
    }

    /// The event as it is sent, with the empty line that ends it.
    ///
    /// A CR and a CRLF in the data reach the page as LF (§9.2.5: all three end a line).
    public var text: String {
        var text = ""
        // Left out and not refused: else one visitor whose name has a line break would end the streams of all.
        if let event = event.map(Self.oneLine), !event.isEmpty { text += "event: \(event)\n" }
        if let id = id.map(Self.oneLine) { text += "id: \(id)\n" }
        if let retry { text += "retry: \(max(retry.nanoseconds, 0) / 1_000_000)\n" }
        for line in Self.lines(of: data) { text += "data: \(line)\n" }
        return text + "\n"
    }

    /// Text that browsers pass over, as it is sent.
    static func comment(_ text: String) -> String {
        lines(of: text).map { ": \($0)\n" }.joined() + "\n"
    }

    /// By bytes: a line break and a character that joins with it are one `Character`.
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
        // WHATWG HTML §9.2.6: an id with a NUL is passed over.
        String(decoding: text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 }, as: UTF8.self)
    }
}
