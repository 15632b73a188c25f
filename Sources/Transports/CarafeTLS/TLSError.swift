/// The reason why a certificate or its key cannot be used; the description is one line for the administrator.
public struct TLSError: Error, Equatable, CustomStringConvertible {
    /// The file at fault.
    public var path: String
    /// The expected and the found.
    public var problem: String

    /// The file, the expected and the found, in one line.
    public var description: String { "\(path): \(problem)" }
}
