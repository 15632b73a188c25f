/// A position in a template's source, counted as an editor counts.
package struct TemplatePosition: Sendable, Equatable {
    /// The line, from 1. A line ends with LF or CR LF.
    package let line: Int
    /// The column, from 1, in characters (a letter with its accents is one).
    package let column: Int

    /// Creates a position from a line and a column, both from 1.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
