/// A response's status and validated header section (RFC 9112 §4, §5).
public struct ResponseHead: Sendable, Equatable {
    /// The status code, of three digits (RFC 9110 §15).
    public let status: Int
    /// The header fields, in the bytes in which they came.
    public let fields: FieldLines
}

/// Why a response cannot be read.
public struct ResponseFailure: Error, Equatable, CustomStringConvertible {
    /// What was expected and what was found, without any text that the server chose.
    public let reason: String

    public var description: String { reason }
}
