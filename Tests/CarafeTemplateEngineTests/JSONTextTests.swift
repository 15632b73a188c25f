import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct JSONTextTests {
    private func json(_ value: TemplateValue) throws -> String {
        try JSONText(value).text
    }

    @Test(
        "RFC 8259 §3: values",
        arguments: [
            (TemplateValue.null, "null"), (true, "true"), (false, "false"), (0, "0"), (-7, "-7"),
            (.int(.max), "9223372036854775807"), (.int(.min), "-9223372036854775808"), (5.0, "5.0"), (-0.25, "-0.25"),
            (1e100, "1e+100"), (.double(.leastNonzeroMagnitude), "5e-324"), ("", "\"\""), ([], "[]"), ([:], "{}"),
            ([1, [nil], "a"], "[1,[null],\"a\"]"),
        ] as [(TemplateValue, String)])
    func writes(value: TemplateValue, expected: String) throws {
        #expect(try json(value) == expected)
    }

    @Test("sorts keys") func sortsKeys() throws {
        #expect(try json(["b": 1, "a": ["d": 2, "c": 3], "B": 4]) == "{\"B\":4,\"a\":{\"c\":3,\"d\":2},\"b\":1}")
    }

    @Test(
        "RFC 8259 §7: strings",
        arguments: [
            ("\"", "\\\""), ("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\r\n", "\\r\\n"), ("\t", "\\t"),
            ("\u{0}", "\\u0000"), ("\u{8}", "\\u0008"), ("\u{1F}", "\\u001F"), ("/", "/"), ("\u{7F}", "\u{7F}"),
            ("é名👍", "é名👍"),
        ])
    func quotes(text: String, expected: String) throws {
        #expect(try json(.string(text)) == "\"\(expected)\"")
        #expect(JSONText(quoting: text).text == "\"\(expected)\"")
        #expect(try json(.string("é\(text)é\(text)")) == "\"é\(expected)é\(expected)\"")
    }

    @Test(
        "HTML §4.12.1.3: nothing in it ends a script element",
        arguments: [
            ("</script>", "\\u003C/script\\u003E"), ("<!--", "\\u003C!--"), ("]]>", "]]\\u003E"),
            ("&lt;", "\\u0026lt;"),
        ])
    func isSafeInAScript(text: String, expected: String) throws {
        #expect(try json(.string(text)) == "\"\(expected)\"")
    }

    @Test("escapes line separators") func escapesLineSeparators() throws {
        #expect(try json("a\u{2028}b\u{2029}") == "\"a\\u2028b\\u2029\"")
        #expect(try json("\u{2027}\u{202A}\u{2128}…") == "\"\u{2027}\u{202A}\u{2128}…\"")
    }

    @Test("escapes keys") func escapesKeys() throws {
        #expect(try json(["<\"": 1]) == "{\"\\u003C\\\"\":1}")
    }

    @Test("RFC 8259 §6: infinity and NaN are no numbers", arguments: [Double.infinity, -.infinity, .nan])
    func refuses(number: Double) throws {
        let error = #expect(throws: NonFiniteNumberError.self) { try json(["a": [.double(number)]]) }
        #expect(error?.number.description == number.description)
    }
}
