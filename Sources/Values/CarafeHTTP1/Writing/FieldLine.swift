package import NIOCore

/// A field of a header section (RFC 9112 §5).
// Inlinable, as the status line: each field of each response passes here.
package struct FieldLine {
    @usableFromInline let name: String
    @usableFromInline let value: String

    /// Makes a line of a field whose name and value are valid (RFC 9110 §5).
    @inlinable
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Writes the line.
    @inlinable
    package func write(into output: inout ByteBuffer) {
        output.writeString(name)
        output.writeStaticString(": ")
        output.writeString(value)
        output.writeStaticString("\r\n")
    }

    /// Writes the empty line after the fields.
    @inlinable
    package static func writeEnd(into output: inout ByteBuffer) {
        output.writeStaticString("\r\n")
    }
}
