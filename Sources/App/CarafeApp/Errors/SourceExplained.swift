/// An error that knows its place in a file, such as a template. In debug mode the error page shows the lines there.
public protocol SourceExplained: Error {
    /// The lines around the place, or nil if the error concerns no single place.
    var excerpt: SourceExcerpt? { get }
}

/// The lines of a file around a place in it.
public struct SourceExcerpt: Sendable, Equatable {
    /// The file's path.
    public let file: String
    /// The line of the place, from 1.
    public let line: Int
    /// The column of the place, from 1, in characters.
    public let column: Int
    /// The lines, without their line ends.
    public let lines: [String]
    /// The number of the first line.
    public let firstLine: Int

    /// Cuts the line of a place, and up to `margin` lines before and after it, out of the text of a file.
    ///
    /// - Parameters:
    ///   - text: The whole text, whose lines end with LF or CR LF.
    ///   - file: The file's path.
    ///   - line: The line of the place, from 1.
    ///   - column: The column of the place, from 1, in characters.
    ///   - margin: The number of lines before and after it.
    public init(of text: String, file: String, line: Int, column: Int, margin: Int = 4) {
        self.file = file
        self.line = line
        self.column = column
        let all = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        firstLine = max(1, line - margin)
        lines = all.dropFirst(firstLine - 1).prefix(max(0, line + margin - firstLine + 1)).map(String.init)
    }
}
