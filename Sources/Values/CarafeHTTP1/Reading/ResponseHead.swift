/// A response's status and validated header section (RFC 9112 §4, §5).
package struct ResponseHead: Sendable, Equatable {
    /// The status code, of three digits (RFC 9110 §15).
    package let status: Int
    /// The header fields, in the bytes in which they came.
    package let fields: FieldLines
}

/// Why a response cannot be read.
package struct ResponseError: Error, Equatable, CustomStringConvertible {
    /// The expected and the found, without any text that the server chose.
    package let reason: String

    package var description: String { reason }
}
