/// Why a certificate or its key cannot be used; the description is one line for whoever set it up.
public struct TLSError: Error, Equatable, CustomStringConvertible {
    /// The file at fault.
    public var path: String
    /// What was expected and what was found.
    public var problem: String

    public var description: String { "\(path): \(problem)" }
}
