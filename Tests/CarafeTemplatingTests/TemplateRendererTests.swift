import Testing

@testable import CarafeTemplating

@Suite struct TemplateRendererTests {
    /// Renders the first of the sources; their names are "0", "1" and so on.
    private func render(_ sources: String..., context: TemplateValue = [:]) throws -> String {
        let templates = try sources.enumerated().map { try Template(name: "\($0)", source: $1) }
        return try TemplateRenderer(IncludeGraph(templates: templates)).render(0, context)
    }

    @Test func writesTextAndValues() throws {
        #expect(try render("") == "")
        #expect(try render("a\r\n é") == "a\r\n é")
        #expect(try render("<p>{{ a }}{{ b }}</p>", context: ["a": "<", "b": 2]) == "<p>&lt;2</p>")
    }

    @Test func writesIncludesInPlace() throws {
        let page = "a{% include \"1\" %}b{% include \"2\" %}{% include \"1\" %}c"
        #expect(try render(page, "[{% include \"2\" %}]", "{{ x }}", context: ["x": 1]) == "a[1]b1[1]c")
    }

    @Test func writesAnIncludeAtTheEnd() throws {
        #expect(try render("{% include \"1\" %}", "{% include \"2\" %}", "x") == "x")
    }

    @Test func namesTheIncludedTemplateInAnError() throws {
        let error = #expect(throws: TemplateError.self) { try render("{% include \"1\" %}", "\n {{ x }}") }
        #expect(error?.template == "1")
        #expect(error?.position == TemplatePosition(line: 2, column: 5))
    }

    @Test func refusesACycle() throws {
        let error = #expect(throws: TemplateError.self) { try render("{% include \"1\" %}", "{% include \"0\" %}") }
        #expect(error?.template == "1")
    }

    // Sixty-five levels that double would overflow a size counted without limit.
    @Test func preparesIncludesThatDouble() throws {
        let sources = (0..<65).map { "{% include \"\($0 + 1)\" %}{% include \"\($0 + 1)\" %}" } + ["ab"]
        let templates = try sources.enumerated().map { try Template(name: "\($0)", source: $1) }
        let renderer = try TemplateRenderer(IncludeGraph(templates: templates))
        #expect(try renderer.render(60, [:]) == String(repeating: "ab", count: 32))
    }

    @Test func writesALongChainOfIncludes() throws {
        let count = 20_000
        let templates = try (0..<count).map { index in
            try Template(name: "\(index)", source: index + 1 < count ? "{% include \"\(index + 1)\" %}" : "end")
        }
        #expect(try TemplateRenderer(IncludeGraph(templates: templates)).render(0, [:]) == "end")
    }
}
