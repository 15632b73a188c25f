import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateNodeTests {
    private let position = TemplatePosition(line: 2, column: 3)

    @Test("resolves an include") func resolvesAnInclude() throws {
        let node = TemplateNode.include("part", position: position)
        let resolved = try node.resolved { (name, position) throws(TemplateError) in name.count + position.line }
        #expect(resolved == .include(6, position: position))
    }

    @Test("resolves nothing else") func resolvesNothingElse() throws {
        let node = TemplateNode<String>.text("a")
        let resolved = try node.resolved { (name, position) throws(TemplateError) -> Int in
            throw TemplateError(template: name, position: position, message: "asked")
        }
        #expect(resolved == .text("a"))
    }
}
