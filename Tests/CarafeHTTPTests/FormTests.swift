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

    @Test func aSeparatorBeforeACombiningMarkSeparatesToo() {
        #expect(Form("a=1&\u{301}b=\u{301}2").pairs.map { Array($0.name.utf8) } == [[0x61], [0xCC, 0x81, 0x62]])
    }

    @Test func namesAreComparedByBytes() {
        // One letter and two marks in both orders: the same text to `String`, which takes the square of the length to
        // find that out.
        let form = Form("a%CC%81%CC%A7=1&a%CC%A7%CC%81=2")
        #expect(form["a\u{327}\u{301}"] == "2")
        #expect(Form("a%CC%81%CC%A7=1") != Form("a%CC%A7%CC%81=1"))
    }

    @Test func isMadeByHand() {
        #expect(Form(pairs: [("a", "1"), ("b", "")]) == Form("a=1&b"))
    }
}
