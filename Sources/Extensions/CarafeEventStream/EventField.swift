package import NIOCore

/// A field of an event, in the wire format of event streams (WHATWG HTML §9.2.6).
package struct EventField: Sendable {
    /// The name of the field, with the colon and the space before its value.
    fileprivate let prefix: StaticString

    /// The id that the browser sends back as `Last-Event-ID`.
    package static let id = EventField(prefix: "id: ")
    /// The name that the page listens to.
    package static let event = EventField(prefix: "event: ")
    /// A line of the data.
    package static let data = EventField(prefix: "data: ")
    /// The milliseconds before the browser reconnects.
    package static let retry = EventField(prefix: "retry: ")
    /// A comment, which browsers ignore.
    static let comment = EventField(prefix: ": ")
}

extension ByteBuffer {
    /// Writes a field with a value that has no line breaks.
    package mutating func writeEventField(_ field: EventField, _ value: String) {
        writeStaticString(field.prefix)
        writeString(value)
        writeStaticString("\n")
    }

    /// Writes a field with a value that has no line breaks.
    package mutating func writeEventField(_ field: EventField, _ value: ByteBuffer) {
        writeStaticString(field.prefix)
        writeImmutableBuffer(value)
        writeStaticString("\n")
    }

    /// Writes a field for each line of a value. LF, CR and CRLF end a line (§9.2.5).
    mutating func writeEventFields(_ field: EventField, linesOf value: some BidirectionalCollection<UInt8>) {
        var rest = value[...]
        while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            writeStaticString(field.prefix)
            writeBytes(rest[..<end])
            writeStaticString("\n")
            let isCR = rest[end] == 0x0D
            rest = rest[rest.index(after: end)...]
            if isCR, rest.first == 0x0A { rest = rest.dropFirst() }
        }
        writeStaticString(field.prefix)
        writeBytes(rest)
        writeStaticString("\n")
    }

    /// Writes the empty line that ends an event.
    package mutating func endEvent() { writeStaticString("\n") }
}
