import Testing

@testable import CarafeTemplateEngine

@Suite struct TemplateErrorTests {
    @Test func describesItselfAsCompilersDo() {
        let position = TemplatePosition(line: 3, column: 12)
        let error = TemplateError(template: "chat.html", position: position, message: "expected a, found b")
        #expect(error.description == "chat.html:3:12: expected a, found b")
        #expect("\(error)" == error.description)
    }

    @Test func leavesOutAPositionThatItDoesNotHave() {
        let error = TemplateError(template: "chat.html", position: nil, message: "expected a, found b")
        #expect(error.description == "chat.html: expected a, found b")
    }

    @Test func listsNamesInOrder() {
        #expect(["b", "a", "c"].listed == "a, b, c")
        #expect([].listed == "")
    }

    @Test func cutsALongList() {
        let names = (10..<25).map(\.description)
        #expect(names.listed == "10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 and 3 more")
        #expect(names.prefix(12).listed == "10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21")
    }
}
