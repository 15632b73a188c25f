import CarafeApp
import Testing

@Suite(.timeLimit(.minutes(10))) struct SourceExplainedTests {
    private let text = (1...9).map { "line \($0)" }.joined(separator: "\n")

    @Test("cuts out the lines around the place", arguments: [(1, 1, 3), (2, 1, 4), (5, 3, 7), (8, 6, 9), (9, 7, 9)])
    func takesTheLinesAround(line: Int, first: Int, last: Int) {
        let excerpt = SourceExcerpt(of: text, file: "a.txt", line: line, column: 1, margin: 2)
        #expect(excerpt.firstLine == first)
        #expect(excerpt.lines == (first...last).map { "line \($0)" })
    }

    @Test("a place outside of the file has no lines") func placeOutside() {
        let excerpt = SourceExcerpt(of: text, file: "a.txt", line: 40, column: 1)
        #expect(excerpt.firstLine == 36)
        #expect(excerpt.lines == [])
        #expect(SourceExcerpt(of: text, file: "a.txt", line: 0, column: 1, margin: 0).lines == [])
        #expect(SourceExcerpt(of: text, file: "a.txt", line: -9, column: 1).lines == [])
    }

    @Test("a line ends as editors end it") func lineEnds() {
        let excerpt = SourceExcerpt(of: "a\r\nb\n\nc", file: "a.txt", line: 2, column: 1)
        #expect(excerpt.lines == ["a", "b", "", "c"])
    }
}
