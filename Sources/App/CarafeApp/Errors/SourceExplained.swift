/// An error that knows its place in a file, such as a template; in debug mode the error page shows the lines there.
public protocol SourceExplained: Error {
    /// Nil when the error concerns no single place.
    var excerpt: SourceExcerpt? { get }
}

/// The lines of a file around a place in it.
public struct SourceExcerpt: Sendable, Equatable {
    /// The file's path.
    public let file: String
    /// The place's line, from 1.
    public let line: Int
    /// The place's column, from 1, in characters.
    public let column: Int
    /// The lines, without their ends.
    public let lines: [String]
    /// The number of the first of the lines.
    public let firstLine: Int

    /// Cuts the place's line, and at most `margin` lines before and after it, out of the file's whole text.
    ///
    /// A line ends with LF or CR LF.
    public init(of text: String, file: String, line: Int, column: Int, margin: Int = 4) {
        self.file = file
        self.line = line
        self.column = column
        let all = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        firstLine = max(1, line - margin)
        lines = all.dropFirst(firstLine - 1).prefix(max(0, line + margin - firstLine + 1)).map(String.init)
    }
}
