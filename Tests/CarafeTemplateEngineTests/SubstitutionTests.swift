import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct SubstitutionTests {
    private func write(_ source: String, _ context: TemplateValue) throws -> String {
        var output = ""
        for case .substitution(let substitution) in try ParsedTemplate(name: "a.html", source: source).nodes {
            try substitution.write(TemplateScope(context: context) { _, _ in nil }, to: &output)
        }
        return output
    }

    private let context: TemplateValue = [
        "name": "<Ada>", "none": nil, "yes": true, "no": false, "int": -5, "whole": 5.0, "part": 0.1,
        "nan": .double(.nan),
        "items": ["a", ["b": "c"], 3], "user": ["name": "&", "0": "zero"], "empty": [:],
    ]

    @Test(
        "writes values",
        arguments: [
            ("{{ name }}", "&lt;Ada&gt;"), ("{{ name | safe }}", "<Ada>"),
            ("{{ name | json }}", "\"\\u003CAda\\u003E\""),
            ("{{ none }}", ""), ("{{ none | safe }}", ""), ("{{ none | json }}", "null"),
            ("{{ yes }}", "true"), ("{{ no }}", "false"), ("{{ yes | json }}", "true"),
            ("{{ int }}", "-5"), ("{{ whole }}", "5.0"), ("{{ part }}", "0.1"), ("{{ part | json }}", "0.1"),
            ("{{ nan }}", "nan"), ("{{ items | json }}", "[\"a\",{\"b\":\"c\"},3]"), ("{{ empty | json }}", "{}"),
        ])
    func writesValues(source: String, expected: String) throws {
        #expect(try write(source, context) == expected)
    }

    @Test(
        "follows paths",
        arguments: [
            ("{{ user.name }}", "&amp;"), ("{{ items.0 }}", "a"), ("{{ items.1.b }}", "c"), ("{{ items.2 }}", "3"),
            ("{{ items.00 }}", "a"), ("{{ user.0 }}", "zero"),
        ])
    func followsPaths(source: String, expected: String) throws {
        #expect(try write(source, context) == expected)
    }

    @Test(
        "the error names a missing value",
        arguments: [
            (
                "{{ nmae }}",
                "1:4: expected a value for \"nmae\", found the context to be an object with the keys a, name"
            ),
            ("{{ a.c }}", "1:6: expected a value for \"a.c\", found \"a\" to be an object with the keys b, items"),
            ("\n{{ a.c.d }}", "2:6: expected a value for \"a.c\", found \"a\" to be an object with the keys b, items"),
            ("{{ a.b.c }}", "1:8: expected a value for \"a.b.c\", found \"a.b\" to be null"),
            ("{{ name.first }}", "1:9: expected a value for \"name.first\", found \"name\" to be a text"),
            (
                "{{ a.items.2 }}",
                "1:12: expected a value for \"a.items.2\", found \"a.items\" to be an array of 2 elements"
            ),
            (
                "{{ a.items.x }}",
                "1:12: expected a value for \"a.items.x\", found \"a.items\" to be an array of 2 elements"
            ),
            (
                "{{ a.items.99999999999999999999 }}",
                "1:12: expected a value for \"a.items.99999999999999999999\", "
                    + "found \"a.items\" to be an array of 2 elements"
            ),
            ("{{ a.items.0.x }}", "1:14: expected a value for \"a.items.0.x\", found \"a.items.0\" to be a number"),
            ("{{ a.items.1.x }}", "1:14: expected a value for \"a.items.1.x\", found \"a.items.1\" to be a boolean"),
        ])
    func errorNamesMissingValue(source: String, fault: String) throws {
        let error = #expect(throws: TemplateError.self) {
            try write(source, ["name": "Ada", "a": ["b": nil, "items": [1, true]]])
        }
        #expect(error?.description == "a.html:" + fault)
    }

    @Test("names a context that holds nothing") func namesAContext() throws {
        let empty = #expect(throws: TemplateError.self) { try write("{{ a }}", [:]) }
        #expect(empty?.message == "expected a value for \"a\", found the context to be an object without keys")
        let text = #expect(throws: TemplateError.self) { try write("{{ a }}", "a") }
        #expect(text?.message == "expected a value for \"a\", found the context to be a text")
    }

    @Test(
        "refuses to write a container",
        arguments: [
            ("{{ items }}", "\"items\", found an array of 3 elements"),
            ("{{ items | safe }}", "\"items\", found an array of 3 elements"),
            ("{{ items.1 }}", "\"items.1\", found an object with the keys b"),
            ("{{ empty }}", "\"empty\", found an object without keys"),
        ])
    func refusesToWrite(source: String, fault: String) throws {
        let error = #expect(throws: TemplateError.self) { try write(source, context) }
        #expect(error?.message == "expected a text, number or boolean in \(fault); only json writes it")
        #expect(error?.position == TemplatePosition(line: 1, column: 4))
    }

    @Test("refuses to write NaN as JSON") func refusesToWriteNotANumber() throws {
        let error = #expect(throws: TemplateError.self) {
            try write("<p>{{ a.b | json }}", ["a": ["b": [.double(.nan)]]])
        }
        #expect(error?.description == "a.html:1:7: expected finite numbers in \"a.b\", found nan")
    }
}
