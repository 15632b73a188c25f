import CarafeHTTP
import Testing

@Suite struct FormTests {
    @Test func keepsThePairsInOrder() {
        let form = Form("a=1&b=2&a=3")
        #expect(form.pairs.map(\.name) == ["a", "b", "a"])
        #expect(form["a"] == "1")
        #expect(form[values: "a"] == ["1", "3"])
        #expect(form["c"] == nil)
        #expect(form[values: "c"].isEmpty)
    }

    @Test(arguments: [
        ("a=b+c", "b c"), ("a=b%2Bc", "b+c"), ("a=%E7%BE%A4", "群"), ("a==x", "=x"), ("a=", ""), ("a", ""),
        ("a=b=c", "b=c"), ("&&a=1&", "1"),
    ])
    func decodes(text: String, value: String) {
        #expect(Form(text)["a"] == value)
    }

    @Test func decodesNames() {
        #expect(Form("first+name%3F=Ann")["first name?"] == "Ann")
    }

    @Test(arguments: ["a=%", "a=%zz", "a=%FF", "%FF=a"])
    func leavesOutWhatCannotBeRead(text: String) {
        #expect(Form(text + "&b=1") == Form("b=1"))
    }

    @Test func anEmptyTextHasNoPairs() {
        #expect(Form("").pairs.isEmpty)
    }
}
