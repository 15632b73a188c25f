import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateBlocksTests {
    private func parse(_ source: String) throws -> [TemplateNode<String>] {
        try TemplateParser(template: "a.html", source: source).parse()
    }

    @Test(
        "blocks nest up to a limit", arguments: [("{% if a %}", "{% endif %}"), ("{% for a in b %}", "{% endfor %}")])
    func standInsideEachOther(begin: String, end: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: begin, count: depth) + String(repeating: end, count: depth)
        }
        #expect(try parse(nested(64)).count == (begin.contains("for") ? 128 : 64))
        let error = #expect(throws: TemplateError.self) { try parse("\n" + nested(65)) }
        #expect(
            error?.description
                == "a.html:2:\(begin.count * 64 + 4): expected at most 64 blocks inside each other, found one more")
    }

    @Test("blocks side by side have no limit") func besideEachOtherThey() throws {
        let source = String(repeating: "{% if a %}{% for b in c %}{% endfor %}{% else %}x{% endif %}", count: 20_000)
        #expect(try parse(source).count == 100_000)
    }

    @Test("a hostile depth is refused at once") func hostileDepth() {
        let error = #expect(throws: TemplateError.self) { try parse(String(repeating: "{%if a%}", count: 200_000)) }
        #expect(error?.position == TemplatePosition(line: 1, column: 515))
    }
}
