import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateParserTests {
    private func parse(_ source: String) throws -> [TemplateNode<String>] {
        try TemplateParser(template: "a.html", source: source).parse()
    }

    private func substitution(_ path: [(String, Int)], _ filter: TemplateFilter) -> TemplateNode<String> {
        .substitution(Substitution(expression: .path(self.path(path)), filter: filter))
    }

    private func path(_ path: [(String, Int)]) -> TemplatePath {
        let steps = path.map { TemplatePath.Step(name: $0, position: TemplatePosition(line: 1, column: $1)) }
        return TemplatePath(template: "a.html", steps: steps)
    }

    @Test("parses paths and filters") func parsesPathsAndFilters() throws {
        #expect(try parse("") == [])
        #expect(try parse("{{ a }}") == [substitution([("a", 4)], .escaped)])
        #expect(try parse("{{a.b.0}}") == [substitution([("a", 3), ("b", 5), ("0", 7)], .escaped)])
        #expect(try parse("{{ a | safe }}") == [substitution([("a", 4)], .safe)])
        #expect(try parse("{{ a.1|json}}") == [substitution([("a", 4), ("1", 6)], .json)])
    }

    @Test("reserves no names", arguments: ["safe", "json", "include", "if", "_", "_0"])
    func reservesNoNames(name: String) throws {
        #expect(try parse("{{ \(name) }}") == [substitution([(name, 4)], .escaped)])
    }

    @Test("parses includes") func parsesIncludes() throws {
        let expected = TemplateNode.include("b/c.html", position: TemplatePosition(line: 1, column: 12))
        #expect(try parse("{% include \"b/c.html\" %}") == [expected])
    }

    @Test("parses calls") func parsesCalls() throws {
        let position = TemplatePosition(line: 1, column: 4)
        func call(_ name: String, _ arguments: TemplateCall.Argument...) -> TemplateExpression {
            .call(TemplateCall(template: "a.html", position: position, name: name, arguments: arguments))
        }
        #expect(
            try parse("{{ f() | safe }}") == [.substitution(Substitution(expression: call("f"), filter: .safe))])
        let two = call("f", .text("a b"), .path(path([("c", 13), ("d", 15)])))
        #expect(
            try parse("{{ f(\"a b\", c.d) }}") == [.substitution(Substitution(expression: two, filter: .escaped))])
    }

    @Test("blocks know where they end") func blocksKnowWhereThey() throws {
        func condition(_ name: String, _ column: Int, not: Bool = false) -> TemplateCondition {
            TemplateCondition(expression: .path(path([(name, column)])), isNegated: not)
        }
        #expect(
            try parse("{% if a %}b{% endif %}c") == [.branch(condition("a", 7), otherwise: 2), .text("b"), .text("c")])
        #expect(
            try parse("{% if not a %}b{% else %}c{% endif %}") == [
                .branch(condition("a", 11, not: true), otherwise: 3), .text("b"), .jump(to: 4), .text("c"),
            ])
        #expect(
            try parse("{% for x in a.b %}c{% endfor %}d") == [
                .loop(variable: "x", .path(path([("a", 13), ("b", 15)])), end: 3), .text("c"), .next(body: 1),
                .text("d"),
            ])
    }

    @Test(
        "refuses a call or a block",
        arguments: [
            ("{{ f( }}", "1:7: expected a variable, a text in double quotes or \")\", found \"}}\""),
            ("{{ f(a }}", "1:8: expected \",\" or \")\", found \"}}\""),
            ("{{ f(a,) }}", "1:8: expected a variable, a text in double quotes or \")\", found \")\""),
            ("{{ f(1) }}", "1:6: expected a variable, a text in double quotes or \")\", found \"1\""),
            ("{{ f(g()) }}", "1:7: expected \",\" or \")\", found \"(\""),
            ("{{ a.f() }}", "1:7: expected \".\", \"|\" or \"}}\", found \"(\""),
            ("{{ f().a }}", "1:7: expected \"|\" or \"}}\", found \".\""),
            ("{% if %}", "1:7: expected a variable or a call, found \"%}\""),
            ("{% if a == b %}", "1:9: expected \".\", \"(\", \"%}\", found \"=\""),
            ("{% if \"a\" %}", "1:7: expected a variable or a call, found the quoted text \"a\""),
            ("{% for %}", "1:8: expected a name for each element, found \"%}\""),
            ("{% for a of b %}", "1:10: expected \"in\", found \"of\""),
            ("{% for a in %}", "1:13: expected a variable or a call, found \"%}\""),
            ("{% for a in b | json %}", "1:15: expected \".\", \"(\", \"%}\", found \"|\""),
            ("{% else %}", "1:4: expected if or for before it, found \"else\""),
            ("{% endfor %}", "1:4: expected if or for before it, found \"endfor\""),
            ("\n{% if a %}\n{% endfor %}", "3:4: expected {% endif %} for the if of line 2, found \"endfor\""),
            ("{% for a in b %}{% else %}", "1:20: expected {% endfor %} for the for of line 1, found \"else\""),
            (
                "{% if a %}{% else %}{% else %}",
                "1:24: expected {% endif %} for the else of line 1, found \"else\""
            ),
            (
                "a\n {% for a in b %}c",
                "2:5: expected {% endfor %} for the block opened here, found the end of the template"
            ),
            ("{% if a %}", "1:4: expected {% endif %} for the block opened here, found the end of the template"),
            ("{% else x %}", "1:9: expected \"%}\", found \"x\""),
        ])
    func refusesACall(source: String, fault: String) throws {
        let error = #expect(throws: TemplateError.self) { try parse(source) }
        #expect(error?.description == "a.html:" + fault)
    }

    @Test("joins texts") func joinsTexts() throws {
        #expect(try parse("a{# b #}c{{ \"{{\" }}d{{ \"\" }}") == [.text("ac{{d")])
        #expect(try parse("{{ \"\" }}") == [])
    }

    @Test("applies filters to quoted texts") func appliesFiltersToQuoted() throws {
        #expect(try parse("{{ \"<&\" }}") == [.text("&lt;&amp;")])
        #expect(try parse("{{ \"<&\" | safe }}") == [.text("<&")])
        #expect(try parse("{{ \"<&\" | json }}") == [.text("\"\\u003C\\u0026\"")])
    }

    @Test(
        "refuses an expression",
        arguments: [
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
            ("{{ a b }}", "1:6: expected \".\", \"(\", \"|\" or \"}}\", found \"b\""),
            ("{{ a-b }}", "1:5: expected \".\", \"(\", \"|\" or \"}}\", found \"-\""),
            ("{{ a }", "1:6: expected \".\", \"(\", \"|\" or \"}}\", found \"}\""),
            ("{{ a %}", "1:6: expected \".\", \"(\", \"|\" or \"}}\", found \"%}\""),
            ("{{ a\n<p>", "2:1: expected \".\", \"(\", \"|\" or \"}}\", found \"<\""),
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

    @Test(
        "refuses a statement",
        arguments: [
            ("{% elif a %}", "1:4: expected include, if, else, endif, for or endfor, found \"elif\""),
            ("{% %}", "1:4: expected include, if, else, endif, for or endfor, found \"%}\""),
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

    @Test(
        "points at a tag that is left open",
        arguments: [
            ("a {{", "expected a variable or a text in double quotes"),
            ("a {{ b", "expected \".\", \"(\", \"|\" or \"}}\""),
            ("a {{ b.", "expected a key or an array index after \".\""),
            ("a {{ \"b\"", "expected \"|\" or \"}}\""),
            ("a {{ b |", "expected a filter name (safe or json)"),
            ("a {{ b | json\n\n", "expected \"}}\""),
            ("a {%", "expected include, if, else, endif, for or endfor"),
            ("a {% include", "expected a template's name in double quotes"),
            ("a {% include \"b\"", "expected \"%}\""),
        ])
    func pointsAtATag(source: String, expected: String) throws {
        let error = #expect(throws: TemplateError.self) { try parse(source) }
        #expect(error?.description == "a.html:1:3: \(expected), found the end of the template")
    }
}
