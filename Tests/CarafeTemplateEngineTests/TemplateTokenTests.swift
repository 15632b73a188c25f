import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateTokenTests {
    @Test(
        "describes the token that was found",
        arguments: [
            (TemplateToken.Kind.text("a"), "the text \"a\""),
            (.openExpression, "\"{{\""),
            (.closeExpression, "\"}}\""),
            (.openStatement, "\"{%\""),
            (.closeStatement, "\"%}\""),
            (.name("upper"), "\"upper\""),
            (.string("a b"), "the quoted text \"a b\""),
            (.dot, "\".\""),
            (.pipe, "\"|\""),
            (.other("<"), "\"<\""),
            (.end, "the end of the template"),
        ])
    func describesTokenWasFound(kind: TemplateToken.Kind, found: String) {
        #expect(TemplateToken(kind: kind, position: TemplatePosition(line: 1, column: 1)).found == found)
    }
}
