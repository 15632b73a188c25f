import Testing

@testable import CarafeTemplateEngine

@Suite struct TemplateLexerTests {
    private func kinds(_ source: String) throws -> [TemplateToken.Kind] {
        var lexer = TemplateLexer(template: "a", source: source)
        var kinds: [TemplateToken.Kind] = []
        while kinds.last != .end { kinds.append(try lexer.next().kind) }
        return kinds
    }

    @Test func findsNothingInAnEmptySource() throws {
        #expect(try kinds("") == [.end])
    }

    @Test func cutsTextAndTags() throws {
        #expect(
            try kinds("a{{b.0|c}}d{% e \"f g\" %}") == [
                .text("a"), .openExpression, .name("b"), .dot, .name("0"), .pipe, .name("c"), .closeExpression,
                .text("d"), .openStatement, .name("e"), .string("f g"), .closeStatement, .end,
            ])
    }

    @Test(arguments: ["}}", "%}", "#}", "{", "{ {", "a { b: { c: 1 }}", "{", "a {", "é{ü", "\r\n{"])
    func leavesOtherBracesInText(source: String) throws {
        #expect(try kinds(source) == [.text(source), .end])
    }

    @Test func skipsSpaceInsideTags() throws {
        let expected: [TemplateToken.Kind] = [.openExpression, .name("a"), .pipe, .name("b"), .closeExpression, .end]
        #expect(try kinds("{{a|b}}") == expected)
        #expect(try kinds("{{ \t\r\na\n | \u{A0}b\r\n}}") == expected)
    }

    @Test func keepsSpaceOutsideOfTags() throws {
        #expect(try kinds(" \n{#x#}\n ") == [.text(" \n"), .text("\n "), .end])
    }

    @Test(arguments: ["{##}", "{# a #}", "{# {{ %} \"\n#}", "{#a#}{#b#}", "{# } # }}#}"])
    func skipsComments(source: String) throws {
        #expect(try kinds(source) == [.end])
    }

    @Test func needsTwoNumberSignsForAComment() throws {
        #expect(throws: TemplateError.self) { try kinds("{#}") }
    }

    @Test func readsTagsInsideAQuotedTextAsText() throws {
        #expect(try kinds("{{ \"}} {# %}\" }}") == [.openExpression, .string("}} {# %}"), .closeExpression, .end])
    }

    @Test func readsNamesOfAllScripts() throws {
        #expect(
            try kinds("{{ größe _1 名前 }}") == [
                .openExpression, .name("größe"), .name("_1"), .name("名前"), .closeExpression, .end,
            ])
    }

    @Test func givesOtherCharactersOneByOne() throws {
        #expect(
            try kinds("{{ {-} %👍🏽 }}").dropFirst().prefix(5) == [
                .other("{"), .other("-"), .other("}"), .other("%"), .other("👍🏽"),
            ])
    }

    @Test func givesTheEndAgainAndAgain() throws {
        var lexer = TemplateLexer(template: "a", source: "{{")
        _ = try lexer.next()
        #expect(try lexer.next().kind == .end)
        #expect(try lexer.next().kind == .end)
    }

    @Test func placesTokens() throws {
        var lexer = TemplateLexer(template: "a", source: "ab\n {{ c }}d")
        var places: [[Int]] = []
        for _ in 0..<6 {
            let position = try lexer.next().position
            places.append([position.line, position.column])
        }
        #expect(places == [[1, 1], [2, 2], [2, 5], [2, 7], [2, 9], [2, 10]])
    }

    @Test(arguments: [
        ("a\n{# b", "a:2:1: expected \"#}\" to close the comment opened here, found the end of the template"),
        ("{{ \"b", "a:1:4: expected a second \" to close the text opened here, found the end of the template"),
        ("{{ \"b\n\" }}", "a:1:4: expected a second \" to close the text opened here, found the end of the line"),
        ("{{ \"b\r\n\" }}", "a:1:4: expected a second \" to close the text opened here, found the end of the line"),
    ])
    func refusesWhatIsLeftOpen(source: String, description: String) throws {
        let error = #expect(throws: TemplateError.self) { try kinds(source) }
        #expect(error?.description == description)
    }
}
