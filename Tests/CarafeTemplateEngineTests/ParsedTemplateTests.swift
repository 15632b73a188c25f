import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct ParsedTemplateTests {
    @Test("keeps its name") func keepsItsName() throws {
        #expect(try ParsedTemplate(name: "a/b.html", source: "x").name == "a/b.html")
    }

    @Test("parses without checking includes") func parsesWithoutCheckingIncludes() throws {
        let template = try ParsedTemplate(name: "a", source: "{% include \"a\" %}")
        #expect(template.nodes == [.include("a", position: TemplatePosition(line: 1, column: 12))])
    }

    @Test("names itself in errors") func namesItselfInErrors() throws {
        let error = #expect(throws: TemplateError.self) { try ParsedTemplate(name: "a/b.html", source: "{{") }
        #expect(error?.template == "a/b.html")
    }

    @Test("leaves styles and scripts alone") func leavesStylesAndScripts() throws {
        let source = "<style>@media print{a{b:c}}</style>\n<script>let a = {b: {c: `${d}`}}</script>"
        #expect(try ParsedTemplate(name: "a", source: source).nodes == [.text(source)])
    }

    // A lexer or parser that recursed would run out of stack here, and a quadratic one would not come back.
    @Test("parses a long line with many tags") func parsesALongLine() throws {
        let count = 20_000
        let template = try ParsedTemplate(name: "a", source: String(repeating: "é{{ a.b }}", count: count))
        #expect(template.nodes.count == 2 * count)
        let comments = try ParsedTemplate(name: "a", source: String(repeating: "b{##}", count: count))
        #expect(comments.nodes == [.text(String(repeating: "b", count: count))])
    }
}
