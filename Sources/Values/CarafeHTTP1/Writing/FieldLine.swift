package import NIOCore

/// A field of a header section (RFC 9112 §5).
package struct FieldLine {
    private let name: String
    private let value: String

    /// A field whose name and value are valid (RFC 9110 §5).
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package func write(into output: inout ByteBuffer) {
        output.writeString(name)
        output.writeStaticString(": ")
        output.writeString(value)
        output.writeStaticString("\r\n")
    }

    /// The empty line after the fields.
    package static func writeEnd(into output: inout ByteBuffer) {
        output.writeStaticString("\r\n")
    }
}
