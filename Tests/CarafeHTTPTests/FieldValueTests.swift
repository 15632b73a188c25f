import CarafeHTTP
import Testing

@Suite(.timeLimit(.minutes(10))) struct FieldValueTests {
    @Test(
        "RFC 9110 §5.6.1, §5.6.4",
        arguments: [
            ("", []), (" \t", []), ("a", ["a"]), (" a , b\t,c ", ["a", "b", "c"]), (",,a,,", ["a"]),
            (#"a;x="1,2",b"#, [#"a;x="1,2""#, "b"]), (#""\",",b"#, [#""\",""#, "b"]), (#""a,b"#, [#""a,b"#]),
            ("a,\u{301}b", ["a", "\u{301}b"]),
        ] as [(String, [String])])
    func parts(text: String, parts: [String]) {
        let found = FieldValue.parts(of: text[...], at: ",")
        #expect(found.map { Array($0.utf8) } == parts.map { Array($0.utf8) })
    }

    @Test(
        "RFC 9110 §5.6.4",
        arguments: [
            ("a", "a"), (#""a b""#, "a b"), (#""""#, ""), (#"""#, #"""#), (#""a\"b""#, #"a"b"#), (#""a\\b""#, #"a\b"#),
            (#""a\\\"b""#, #"a\"b"#), (#""C:\temp\x.txt""#, #"C:\temp\x.txt"#), (#"a"b""#, #"a"b""#),
        ])
    func unquotes(text: String, plain: String) {
        #expect(FieldValue.unquoted(text[...]) == plain)
    }

    @Test("a value has parameters") func aValueHasParameters() {
        let value = ParameterizedValue(#"Text/HTML ; Charset=UTF-8; level="1;2"; empty=; nothing; é=1"#)
        #expect(value.value == "text/html")
        #expect(value["charset"] == "UTF-8")
        #expect(value["level"] == "1;2")
        #expect(value["empty"] == "")
        #expect(value["nothing"] == nil)
        // Text outside ASCII is not a name: comparing it could cost much.
        #expect(value.parameters.count == 3)
        #expect(ParameterizedValue("é; a=1").value == "")
    }
}
