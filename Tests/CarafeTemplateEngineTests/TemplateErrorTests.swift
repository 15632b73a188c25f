import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateErrorTests {
    @Test("describes itself as compilers do") func describesItselfAsCompilers() {
        let position = TemplatePosition(line: 3, column: 12)
        let error = TemplateError(template: "chat.html", position: position, message: "expected a, found b")
        #expect(error.description == "chat.html:3:12: expected a, found b")
        #expect("\(error)" == error.description)
    }

    @Test("leaves out a position that it does not have") func leavesOutAPosition() {
        let error = TemplateError(template: "chat.html", position: nil, message: "expected a, found b")
        #expect(error.description == "chat.html: expected a, found b")
    }

    @Test("lists names in order") func listsNamesInOrder() {
        #expect(["b", "a", "c"].listed == "a, b, c")
        #expect([].listed == "")
    }

    @Test("cuts a long list") func cutsALongList() {
        let names = (10..<25).map(\.description)
        #expect(names.listed == "10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 and 3 more")
        #expect(names.prefix(12).listed == "10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21")
    }
}
