import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct NodeRendererTests {
    /// Renders the first of the sources; their names are "0", "1" and so on.
    private func render(_ sources: String..., context: TemplateValue = [:]) throws -> String {
        let templates = try sources.enumerated().map { try ParsedTemplate(name: "\($0)", source: $1) }
        return try NodeRenderer(IncludeGraph(templates: templates)).render(0, context)
    }

    @Test("writes text and values") func writesTextAndValues() throws {
        #expect(try render("") == "")
        #expect(try render("a\r\n é") == "a\r\n é")
        #expect(try render("<p>{{ a }}{{ b }}</p>", context: ["a": "<", "b": 2]) == "<p>&lt;2</p>")
    }

    @Test("writes includes in place") func writesIncludesInPlace() throws {
        let page = "a{% include \"1\" %}b{% include \"2\" %}{% include \"1\" %}c"
        #expect(try render(page, "[{% include \"2\" %}]", "{{ x }}", context: ["x": 1]) == "a[1]b1[1]c")
    }

    @Test("writes an include at the end") func writesAnInclude() throws {
        #expect(try render("{% include \"1\" %}", "{% include \"2\" %}", "x") == "x")
    }

    @Test("names the included template in an error") func namesTheIncludedTemplate() throws {
        let error = #expect(throws: TemplateError.self) { try render("{% include \"1\" %}", "\n {{ x }}") }
        #expect(error?.template == "1")
        #expect(error?.position == TemplatePosition(line: 2, column: 5))
    }

    @Test("repeats a loop for each element") func repeatsALoop() throws {
        let page = "{% for row in rows %}[{% for cell in row %}{{ cell }}{{ sign }}{% endfor %}]{% endfor %}."
        #expect(try render(page, context: ["rows": [[1, 2], [], ["<"]], "sign": ";"]) == "[1;2;][][&lt;;].")
        #expect(try render(page, context: ["rows": [], "sign": ";"]) == ".")
    }

    @Test("the nearest loop hides the others and the context") func nearestLoopHides() throws {
        let page = "{% for x in a %}{% for x in x.inner %}{{ x }}{% endfor %}{{ x.name }} {% endfor %}{{ x }}"
        let context: TemplateValue = ["a": [["inner": [1, 2], "name": "n"]], "x": "outside"]
        #expect(try render(page, context: context) == "12n outside")
    }

    @Test("an include sees the loop around it") func includeSees() throws {
        let page = "{% for user in users %}{% include \"1\" %}{% endfor %}"
        let part = "{% if user.admin %}*{% else %}-{% endif %}{{ user.name }}"
        let context: TemplateValue = ["users": [["admin": true, "name": "a"], ["admin": false, "name": "b"]]]
        #expect(try render(page, part, context: context) == "*a-b")
    }

    @Test(
        "as in Jinja",
        arguments: [
            (nil, false), (false, false), (true, true), (0, false), (-1, true), (0.0, false), (0.5, true), ("", false),
            ("0", true), ([], false), ([nil], true), ([:], false), (["a": nil], true),
        ] as [(TemplateValue, Bool)])
    func asJinja(value: TemplateValue, holds: Bool) throws {
        let page = "{% if a %}1{% else %}2{% endif %}{% if not a %}3{% endif %}"
        #expect(try render(page, context: ["a": value]) == (holds ? "1" : "23"))
    }

    @Test("a misspelt name is an error in a condition and a loop too") func misspeltName() throws {
        for page in ["{% if nmae %}{% endif %}", "{% for x in nmae %}{% endfor %}"] {
            let error = #expect(throws: TemplateError.self) { try render(page, context: ["name": 1]) }
            #expect(error?.message.hasPrefix("expected a value for \"nmae\"") == true)
        }
        let error = #expect(throws: TemplateError.self) {
            try render("{% for x in a %}{% endfor %}", context: ["a": "text"])
        }
        #expect(error?.description == "0:1:13: expected an array in \"a\" to go over, found a text")
    }

    private func call(_ source: String, _ context: TemplateValue = [:]) throws -> String {
        struct Refused: Error {}
        let renderer = try NodeRenderer(IncludeGraph(templates: [ParsedTemplate(name: "0", source: source)]))
        return try renderer.render(0, context) { name, arguments in
            switch name {
            case "join": .string(arguments.joined(separator: "+"))
            case "list": .array(arguments.map(TemplateValue.string))
            case "refuse": throw Refused()
            default: nil
            }
        }
    }

    @Test("calls a function with texts") func callsAFunction() throws {
        #expect(try call("{{ join() }}{{ join(\"<\", a.b, n) }}", ["a": ["b": "&"], "n": 5]) == "&lt;+&amp;+5")
        #expect(try call("{{ join(\"<\") | safe }}{{ list(\"a\") | json }}") == "<[\"a\"]")
        #expect(try call("{% for x in list(\"a\", \"b\") %}{{ x }},{% endfor %}") == "a,b,")
        #expect(try call("{% if list() %}1{% else %}2{% endif %}") == "2")
    }

    @Test("a call that fails says where") func callThatFails() throws {
        for (source, fault) in [
            ("\n{{ join }}", "0:2:4: expected a value for \"join\", found the context to be an object without keys"),
            ("{{ nothing() }}", "0:1:4: expected a function of the app, found \"nothing\", which is not one"),
            ("{{ refuse() }}", "0:1:4: the call of refuse failed: Refused()"),
            (
                "{{ list() }}",
                "0:1:4: expected a text, number or boolean in \"list(…)\", found an array of 0 elements; only json writes it"
            ),
        ] {
            let error = #expect(throws: TemplateError.self) { try call(source) }
            #expect(error?.description == fault)
        }
        let error = #expect(throws: TemplateError.self) { try call("{{ join(a) }}", ["a": [1]]) }
        #expect(
            error?.description
                == "0:1:9: expected a text, number or boolean in \"a\", found an array of 1 element")
    }

    @Test("refuses a cycle") func refusesACycle() throws {
        let error = #expect(throws: TemplateError.self) { try render("{% include \"1\" %}", "{% include \"0\" %}") }
        #expect(error?.template == "1")
    }

    // Sixty-five levels that double would overflow a size counted without limit.
    @Test("prepares includes that double") func preparesIncludesThatDouble() throws {
        let sources = (0..<65).map { "{% include \"\($0 + 1)\" %}{% include \"\($0 + 1)\" %}" } + ["ab"]
        let templates = try sources.enumerated().map { try ParsedTemplate(name: "\($0)", source: $1) }
        let renderer = try NodeRenderer(IncludeGraph(templates: templates))
        #expect(try renderer.render(60, [:]) == String(repeating: "ab", count: 32))
    }

    @Test("writes a long chain of includes") func writesALongChain() throws {
        let count = 20_000
        let templates = try (0..<count).map { index in
            try ParsedTemplate(name: "\(index)", source: index + 1 < count ? "{% include \"\(index + 1)\" %}" : "end")
        }
        #expect(try NodeRenderer(IncludeGraph(templates: templates)).render(0, [:]) == "end")
    }
}
