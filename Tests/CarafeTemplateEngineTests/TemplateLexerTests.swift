import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateLexerTests {
    private func kinds(_ source: String) throws -> [TemplateToken.Kind] {
        var lexer = TemplateLexer(template: "a", source: source)
        var kinds: [TemplateToken.Kind] = []
        while kinds.last != .end { kinds.append(try lexer.next().kind) }
        return kinds
    }

    @Test("finds nothing in an empty source") func findsNothing() throws {
        #expect(try kinds("") == [.end])
    }

    @Test("cuts text and tags") func cutsTextAndTags() throws {
        #expect(
            try kinds("a{{b.0|c}}d{% e \"f g\" %}") == [
                .text("a"), .openExpression, .name("b"), .dot, .name("0"), .pipe, .name("c"), .closeExpression,
                .text("d"), .openStatement, .name("e"), .string("f g"), .closeStatement, .end,
            ])
    }

    @Test(
        "leaves other braces in text",
        arguments: ["}}", "%}", "#}", "{", "{ {", "a { b: { c: 1 }}", "{", "a {", "é{ü", "\r\n{"])
    func leavesOtherBraces(source: String) throws {
        #expect(try kinds(source) == [.text(source), .end])
    }

    @Test("skips space inside tags") func skipsSpaceInsideTags() throws {
        let expected: [TemplateToken.Kind] = [.openExpression, .name("a"), .pipe, .name("b"), .closeExpression, .end]
        #expect(try kinds("{{a|b}}") == expected)
        #expect(try kinds("{{ \t\r\na\n | \u{A0}b\r\n}}") == expected)
    }

    @Test("keeps space outside of tags") func keepsSpaceOutside() throws {
        #expect(try kinds(" \n{#x#}\n ") == [.text(" \n"), .text("\n "), .end])
    }

    @Test("skips comments", arguments: ["{##}", "{# a #}", "{# {{ %} \"\n#}", "{#a#}{#b#}", "{# } # }}#}"])
    func skipsComments(source: String) throws {
        #expect(try kinds(source) == [.end])
    }

    @Test("needs two number signs for a comment") func needsTwoNumberSigns() throws {
        #expect(throws: TemplateError.self) { try kinds("{#}") }
    }

    @Test("reads tags inside a quoted text as text") func readsTagsInside() throws {
        #expect(try kinds("{{ \"}} {# %}\" }}") == [.openExpression, .string("}} {# %}"), .closeExpression, .end])
    }

    @Test("reads names of all scripts") func readsNamesOfAll() throws {
        #expect(
            try kinds("{{ größe _1 名前 }}") == [
                .openExpression, .name("größe"), .name("_1"), .name("名前"), .closeExpression, .end,
            ])
    }

    @Test("returns other characters one by one") func givesOtherCharacters() throws {
        #expect(
            try kinds("{{ {-} %👍🏽 }}").dropFirst().prefix(5) == [
                .other("{"), .other("-"), .other("}"), .other("%"), .other("👍🏽"),
            ])
    }

    @Test("returns the end again and again") func givesTheEndAgain() throws {
        var lexer = TemplateLexer(template: "a", source: "{{")
        _ = try lexer.next()
        #expect(try lexer.next().kind == .end)
        #expect(try lexer.next().kind == .end)
    }

    @Test("places tokens") func placesTokens() throws {
        var lexer = TemplateLexer(template: "a", source: "ab\n {{ c }}d")
        var places: [[Int]] = []
        for _ in 0..<6 {
            let position = try lexer.next().position
            places.append([position.line, position.column])
        }
        #expect(places == [[1, 1], [2, 2], [2, 5], [2, 7], [2, 9], [2, 10]])
    }

    @Test(
        "refuses a tag that is left open",
        arguments: [
            ("a\n{# b", "a:2:1: expected \"#}\" to close the comment opened here, found the end of the template"),
            ("{{ \"b", "a:1:4: expected a second \" to close the text opened here, found the end of the template"),
            ("{{ \"b\n\" }}", "a:1:4: expected a second \" to close the text opened here, found the end of the line"),
            ("{{ \"b\r\n\" }}", "a:1:4: expected a second \" to close the text opened here, found the end of the line"),
        ])
    func refusesTagLeftOpen(source: String, description: String) throws {
        let error = #expect(throws: TemplateError.self) { try kinds(source) }
        #expect(error?.description == description)
    }
}
