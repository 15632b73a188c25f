import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateFilterTests {
    @Test(
        "writes text",
        arguments: [
            (TemplateFilter.escaped, "x&lt;&quot;é"),
            (.safe, "x<\"é"),
            (.json, "x\"\\u003C\\\"é\""),
        ])
    func writesText(filter: TemplateFilter, expected: String) {
        var output = "x"
        filter.write(text: "<\"é", to: &output)
        #expect(output == expected)
    }
}
