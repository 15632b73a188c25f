import Testing

@testable import CarafeTemplating

@Suite struct TemplateParserTests {
    private func parse(_ source: String) throws -> [TemplateNode<String>] {
        try TemplateParser(template: "a.html", source: source).parse()
    }

    private func substitution(_ path: [(String, Int)], _ filter: TemplateFilter) -> TemplateNode<String> {
        let steps = path.map { Substitution.Step(name: $0, position: TemplatePosition(line: 1, column: $1)) }
        return .substitution(Substitution(template: "a.html", path: steps, filter: filter))
    }

    @Test func parsesPathsAndFilters() throws {
        #expect(try parse("") == [])
        #expect(try parse("{{ a }}") == [substitution([("a", 4)], .escaped)])
        #expect(try parse("{{a.b.0}}") == [substitution([("a", 3), ("b", 5), ("0", 7)], .escaped)])
        #expect(try parse("{{ a | safe }}") == [substitution([("a", 4)], .safe)])
        #expect(try parse("{{ a.1|json}}") == [substitution([("a", 4), ("1", 6)], .json)])
    }

    @Test(arguments: ["safe", "json", "include", "if", "_", "_0"])
    func reservesNoNames(name: String) throws {
        #expect(try parse("{{ \(name) }}") == [substitution([(name, 4)], .escaped)])
    }

    @Test func parsesIncludes() throws {
        let expected = TemplateNode.include("b/c.html", position: TemplatePosition(line: 1, column: 12))
        #expect(try parse("{% include \"b/c.html\" %}") == [expected])
    }

    @Test func joinsTexts() throws {
        #expect(try parse("a{# b #}c{{ \"{{\" }}d{{ \"\" }}") == [.text("ac{{d")])
        #expect(try parse("{{ \"\" }}") == [])
    }

    @Test func appliesFiltersToQuotedTexts() throws {
        #expect(try parse("{{ \"<&\" }}") == [.text("&lt;&amp;")])
        #expect(try parse("{{ \"<&\" | safe }}") == [.text("<&")])
        #expect(try parse("{{ \"<&\" | json }}") == [.text("\"\\u003C\\u0026\"")])
    }

    @Test(arguments: [
        ("{{ }}", "1:4: expected a variable or a text in double quotes, found \"}}\""),
        ("{{}}", "1:3: expected a variable or a text in double quotes, found \"}}\""),
        ("{{ 0 }}", "1:4: expected a variable or a text in double quotes, found \"0\""),
        ("{{ .a }}", "1:4: expected a variable or a text in double quotes, found \".\""),
        ("{{ 'a' }}", "1:4: expected a variable or a text in double quotes, found \"'\""),
        ("{{{ a }}}", "1:3: expected a variable or a text in double quotes, found \"{\""),
        ("{{ {{ a }}", "1:4: expected a variable or a text in double quotes, found \"{\""),
        ("{{ a. }}", "1:7: expected a key or an array index after \".\", found \"}}\""),
        ("{{ a..b }}", "1:6: expected a key or an array index after \".\", found \".\""),
        ("{{ a.\"b\" }}", "1:6: expected a key or an array index after \".\", found the quoted text \"b\""),
        ("{{ a b }}", "1:6: expected \".\", \"|\" or \"}}\", found \"b\""),
        ("{{ a-b }}", "1:5: expected \".\", \"|\" or \"}}\", found \"-\""),
        ("{{ a }", "1:6: expected \".\", \"|\" or \"}}\", found \"}\""),
        ("{{ a %}", "1:6: expected \".\", \"|\" or \"}}\", found \"%}\""),
        ("{{ a\n<p>", "2:1: expected \".\", \"|\" or \"}}\", found \"<\""),
        ("{{ \"a\".b }}", "1:7: expected \"|\" or \"}}\", found \".\""),
        ("{{ \"a\" b }}", "1:8: expected \"|\" or \"}}\", found \"b\""),
        ("{{ a | }}", "1:8: expected a filter name (safe or json), found \"}}\""),
        ("\n\n{{ a.b | upper }}", "3:10: expected a filter name (safe or json), found \"upper\""),
        ("{{ a | Safe }}", "1:8: expected a filter name (safe or json), found \"Safe\""),
        ("{{ a | escaped }}", "1:8: expected a filter name (safe or json), found \"escaped\""),
        ("{{ a | json | safe }}", "1:13: expected \"}}\", found \"|\""),
    ])
    func refusesAnExpression(source: String, fault: String) throws {
        let error = #expect(throws: TemplateError.self) { try parse(source) }
        #expect(error?.description == "a.html:" + fault)
    }

    @Test(arguments: [
        ("{% if a %}", "1:4: expected \"include\", the only statement, found \"if\""),
        ("{% %}", "1:4: expected \"include\", the only statement, found \"%}\""),
        ("{% include %}", "1:12: expected a template's name in double quotes, found \"%}\""),
        ("{% include b %}", "1:12: expected a template's name in double quotes, found \"b\""),
        ("{% include 'b' %}", "1:12: expected a template's name in double quotes, found \"'\""),
        ("{% include \"\" %}", "1:12: expected a template's name in double quotes, found the quoted text \"\""),
        ("{% include \"b\" }}", "1:16: expected \"%}\", found \"}}\""),
        ("{% include \"b\" \"c\" %}", "1:16: expected \"%}\", found the quoted text \"c\""),
    ])
    func refusesAStatement(source: String, fault: String) throws {
        let error = #expect(throws: TemplateError.self) { try parse(source) }
        #expect(error?.description == "a.html:" + fault)
    }

    @Test(arguments: [
        ("a {{", "expected a variable or a text in double quotes"),
        ("a {{ b", "expected \".\", \"|\" or \"}}\""),
        ("a {{ b.", "expected a key or an array index after \".\""),
        ("a {{ \"b\"", "expected \"|\" or \"}}\""),
        ("a {{ b |", "expected a filter name (safe or json)"),
        ("a {{ b | json\n\n", "expected \"}}\""),
        ("a {%", "expected \"include\", the only statement"),
        ("a {% include", "expected a template's name in double quotes"),
        ("a {% include \"b\"", "expected \"%}\""),
    ])
    func pointsAtATagThatIsLeftOpen(source: String, expected: String) throws {
        let error = #expect(throws: TemplateError.self) { try parse(source) }
        #expect(error?.description == "a.html:1:3: \(expected), found the end of the template")
    }
}
