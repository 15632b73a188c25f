import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct ExtensionListTests {
    private func written(_ value: String) -> String? {
        ExtensionList(parsing: value).map { list in
            list.elements.map { element in
                element.parameters.reduce(element.name) { $0 + "(" + $1.name + ($1.value.map { "=" + $0 } ?? "") + ")" }
            }.joined(separator: " ")
        }
    }

    @Test(
        "RFC 6455 §9.1: what has the form",
        arguments: [
            ("foo", "foo"),
            ("foo, bar; baz=2", "foo bar(baz=2)"),
            ("deflate-stream", "deflate-stream"),
            ("mux; max-channels=4; flow-control, deflate-stream", "mux(max-channels=4)(flow-control) deflate-stream"),
            ("private-extension", "private-extension"),
            ("a;b=\"c\"", "a(b=c)"),
            ("a;b=\"1\\0\"", "a(b=10)"),
            ("\ta ;\tb = c , d\t", "a(b=c) d"),
            (" , ,a,, b ,", "a b"),
            ("a;b;b=1", "a(b)(b=1)"),
        ]
    )
    func wellFormed(value: String, expected: String) {
        #expect(written(value) == expected)
    }

    @Test(
        "RFC 6455 §9.1: what has not",
        arguments: [
            "", " , ", "a;", "a;;b", ";", ";a", "a b", "a=b", "a;b=", "a;=b", "a;b=\"", "a;b=\"c", "a;b=\"\"",
            "a;b=\"c d\"",
            "a;b=\"c,d\"", "a;b=\"c\\", "a;b=\"\\\"\"", "a;b=\"c\"d", "a;b=c=d", "a@b", "ä", "a;b=ü", "a\u{0}", "a\nb",
        ]
    )
    func malformed(value: String) {
        #expect(written(value) == nil)
    }
}
