/// An error for a file that cannot hold rooms or sessions.
public struct RoomFileError: Error, CustomStringConvertible {
    /// The path of the file.
    public let path: String
    let problem: String
    var content = "rooms"

    /// A line with the path, what was expected and found, and the remedy.
    public var description: String { "cannot keep \(content) in \(path): \(problem)" }
}
