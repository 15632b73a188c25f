/// An error for a file that cannot hold rooms.
public struct RoomFileError: Error, CustomStringConvertible {
    /// The path of the file.
    public let path: String
    let problem: String

    /// A line with the path, what was expected and found, and the remedy.
    public var description: String { "cannot keep rooms in \(path): \(problem)" }
}
