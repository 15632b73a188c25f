package import NIOCore

/// A field of a server-sent event, or a comment (WHATWG HTML §9.2.5).
package enum EventField {
    case event, id, retry, data, comment

    fileprivate var prefix: StaticString {
        switch self {
        case .event: "event: "
        case .id: "id: "
        case .retry: "retry: "
        case .data: "data: "
        case .comment: ": "
        }
    }
}

extension ByteBuffer {
    /// Writes a field whose value has no line break.
    package mutating func writeEventField(_ field: EventField, _ value: String) {
        writeEventField(field) { $0.writeString(value) }
    }

    /// Writes a field whose value, without a line break, the closure writes in place.
    package mutating func writeEventField(_ field: EventField, writingValue: (inout ByteBuffer) -> Void) {
        writeStaticString(field.prefix)
        writingValue(&self)
        writeStaticString("\n")
    }

    /// Writes the empty line that ends an event.
    package mutating func writeEventEnd() { writeStaticString("\n") }
}
