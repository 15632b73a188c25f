import CarafeHTTP
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct FormTests {
    @Test("keeps the pairs in order") func keepsThePairs() {
        let form = Form("a=1&b=2&a=3")
        #expect(form.pairs.map(\.name) == ["a", "b", "a"])
        #expect(form["a"] == "1")
        #expect(form[values: "a"] == ["1", "3"])
        #expect(form["c"] == nil)
        #expect(form[values: "c"].isEmpty)
    }

    @Test(
        "decodes percent-encoding and plus signs",
        arguments: [
            ("a=b+c", "b c"), ("a=b%2Bc", "b+c"), ("a=%E7%BE%A4", "群"), ("a==x", "=x"), ("a=", ""), ("a", ""),
            ("a=b=c", "b=c"), ("&&a=1&", "1"),
        ])
    func decodes(text: String, value: String) {
        #expect(Form(text)["a"] == value)
    }

    @Test("decodes names") func decodesNames() {
        #expect(Form("first+name%3F=Ann")["first name?"] == "Ann")
    }

    @Test(
        "WHATWG URL §5.1: a % that begins no escape stays, and bytes that are not UTF-8 are U+FFFD",
        arguments: [
            ("a=100%", "100%"), ("a=%", "%"), ("a=%zz", "%zz"), ("a=%4", "%4"), ("a=%%41", "%A"), ("a=%2", "%2"),
            ("a=%ff", "\u{FFFD}"), ("a=x%E7%BEy", "x\u{FFFD}y"), ("a=%EF%BB%BFx", "\u{FEFF}x"), ("a=%00", "\0"),
        ])
    func beginsNoEscapeStays(text: String, value: String) {
        let form = Form(text + "&b=2")
        #expect(form.pairs.count == 2 && form["b"] == "2")
        #expect(form["a"].map { Array($0.utf8) } == Array(value.utf8))
    }

    @Test("a body may have bytes that are not UTF-8") func bodyNeed() {
        let body = ByteBuffer(bytes: Array("b=1&a=x".utf8) + [0xFF] + Array("&%FF=c".utf8))
        #expect(Form(body) == Form(pairs: [("b", "1"), ("a", "x\u{FFFD}"), ("\u{FFFD}", "c")]))
        #expect(Form.first("a", in: body) == "x\u{FFFD}" && Form.first("c", in: body) == nil)
    }

    @Test("an empty text has no pairs") func emptyText() {
        #expect(Form("").pairs.isEmpty)
    }

    @Test("a separator counts before a combining mark too") func separatorBefore() {
        #expect(Form("a=1&\u{301}b=\u{301}2").pairs.map { Array($0.name.utf8) } == [[0x61], [0xCC, 0x81, 0x62]])
    }

    @Test("names are compared by bytes") func namesAreCompared() {
        // One letter and two marks in both orders: the same text to `String`, which takes the square of the length to
        // find that out.
        let form = Form("a%CC%81%CC%A7=1&a%CC%A7%CC%81=2")
        #expect(form["a\u{327}\u{301}"] == "2")
        #expect(Form("a%CC%81%CC%A7=1") != Form("a%CC%A7%CC%81=1"))
    }

    @Test("a form can be made by hand") func isMadeByHand() {
        #expect(Form(pairs: [("a", "1"), ("b", "")]) == Form("a=1&b"))
    }
}
