import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateValueTests {
    @Test("is written as literals") func isWrittenAsLiterals() {
        let name = "Ada"
        let value: TemplateValue = ["a": nil, "b": true, "c": 1, "d": 1.5, "e": "x", "f": [1, "y"], "g": "to \(name)"]
        #expect(
            value
                == .object([
                    "a": .null, "b": .bool(true), "c": .int(1), "d": .double(1.5), "e": .string("x"),
                    "f": .array([.int(1), .string("y")]), "g": .string("to Ada"),
                ]))
    }

    @Test("keeps the last of a key given twice") func keepsTheLast() {
        let value: TemplateValue = ["a": 1, "a": 2]
        #expect(value == .object(["a": .int(2)]))
    }

    @Test("distinguishes kinds") func tellsKindsApart() {
        #expect(TemplateValue.int(1) != .double(1))
        #expect(TemplateValue.null != .string(""))
    }

    @Test(
        "names its kind",
        arguments: [
            (TemplateValue.null, "null"), (true, "a boolean"), (1, "a number"), (1.5, "a number"), ("", "a text"),
            ([], "an array of 0 elements"), ([1], "an array of 1 element"), ([1, 2], "an array of 2 elements"),
            ([:], "an object without keys"), (["b": 1, "a": 2], "an object with the keys a, b"),
        ] as [(TemplateValue, String)])
    func namesItsKind(value: TemplateValue, kind: String) {
        #expect(value.kind == kind)
    }

    @Test(
        "encodes as itself",
        arguments: [TemplateValue.null, true, 1, 1.5, "a", [], [1, [nil]], [:], ["a": ["b": [true]]]] as [TemplateValue]
    )
    func encodesAsItself(value: TemplateValue) throws {
        #expect(try TemplateValue(encoding: value) == value)
        #expect(try TemplateValue(encoding: ["x": [value]]) == ["x": [value]])
        // Without the encoder's shortcut for template values.
        let encoder = TemplateValueEncoder(parent: nil, key: nil)
        try value.encode(to: encoder)
        #expect(encoder.value == value)
    }
}
