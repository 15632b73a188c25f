import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplatePositionTests {
    @Test(
        "counts lines and characters from one",
        arguments: [
            ("{{", 1, 1),
            ("ab{{", 1, 3),
            ("a\nb{{", 2, 2),
            ("a\r\nb{{", 2, 2),
            ("\n\n\n{{", 4, 1),
            // One character each: a letter with a combining accent, a family of four, a flag.
            ("e\u{301}{{", 1, 2),
            ("👨‍👩‍👧‍👦🇫🇷{{", 1, 3),
        ])
    func countsLinesAndCharacters(source: String, line: Int, column: Int) throws {
        let error = #expect(throws: TemplateError.self) { try ParsedTemplate(name: "a", source: source) }
        #expect(error?.position == TemplatePosition(line: line, column: column))
    }

    @Test("continues to count after a tag") func goesOnCountingAfter() throws {
        let error = #expect(throws: TemplateError.self) {
            try ParsedTemplate(name: "a", source: "é {{ x }}\n{# one\ntwo #} {{ y }} {{ z | up }}")
        }
        #expect(error?.position == TemplatePosition(line: 3, column: 23))
    }
}
