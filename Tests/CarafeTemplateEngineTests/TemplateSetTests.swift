import CarafeTemplateEngine
import Testing

@Suite(.timeLimit(.minutes(10))) struct TemplateSetTests {
    private let set: TemplateSet

    init() throws {
        set = try TemplateSet(sources: [
            "chat.html": "{% include \"head.html\" %}<p>{{ name }}</p>{{ count }}",
            "head.html": "<h1>{{ title }}</h1>",
            "user.html": "{{ user.name }}{{ user.nick }}{{ user.tags.1 }}",
            "plain.html": "plain",
        ])
    }

    @Test("knows its names") func knowsItsNames() throws {
        #expect(set.names == ["chat.html", "head.html", "plain.html", "user.html"])
        #expect(try TemplateSet(sources: [:]).names == [])
    }

    @Test("renders a literal") func rendersALiteral() throws {
        #expect(try set.render("plain.html") == "plain")
        #expect(try set.render("head.html", ["title": "a & b"]) == "<h1>a &amp; b</h1>")
        #expect(try set.render("chat.html", ["title": "a", "name": nil, "count": 1]) == "<h1>a</h1><p></p>1")
    }

    @Test("renders variables") func rendersVariables() throws {
        let title = "a"
        #expect(try set.render("head.html", ["title": title]) == "<h1>a</h1>")
        let count = 3
        #expect(try set.render("chat.html", ["title": title, "name": "b", "count": count]) == "<h1>a</h1><p>b</p>3")
        let context: TemplateValue = ["title": .string(title)]
        #expect(try set.render("head.html", context) == "<h1>a</h1>")
        let texts = ["title": title]
        #expect(try set.render("head.html", texts) == "<h1>a</h1>")
        let mixed: [String: any Encodable] = ["title": title, "name": nil as String?, "count": UInt16(count)]
        #expect(try set.render("chat.html", mixed) == "<h1>a</h1><p></p>3")
    }

    @Test("renders a struct") func rendersAStruct() throws {
        struct User: Encodable {
            var name: String
            var nick: String?
            var tags: [String]
        }
        struct Page: Encodable { var user: User }
        let user = User(name: "Ada", nick: nil, tags: ["x", "y"])
        #expect(try set.render("user.html", Page(user: user)) == "Aday")
        #expect(try set.render("user.html", ["user": user]) == "Aday")
    }

    @Test("names an unknown template") func namesAnUnknownTemplate() throws {
        let error = #expect(throws: TemplateError.self) { try set.render("chta.html") }
        #expect(
            error?.description == "chta.html: expected a template of this name, "
                + "found only chat.html, head.html, plain.html, user.html")
        let empty = #expect(throws: TemplateError.self) { try TemplateSet(sources: [:]).render("a") }
        #expect(empty?.description == "a: expected a template of this name, found no templates at all")
    }

    @Test("names a variable that is missing") func namesAVariable() throws {
        let error = #expect(throws: TemplateError.self) { try set.render("chat.html", ["title": "a"]) }
        #expect(
            error?.description == "chat.html:1:32: expected a value for \"name\", "
                + "found the context to be an object with the keys title")
    }

    @Test("passes on the errors of encoding") func passesErrorsEncoding() throws {
        #expect(throws: EncodingError.self) { try set.render("head.html", ["title": UInt64.max]) }
    }

    @Test("finds the first fault by name") func findsTheFirstFault() throws {
        let error = #expect(throws: TemplateError.self) {
            try TemplateSet(sources: ["c": "{{", "b": "ok", "a": "{% include \"x\" %}", "aa": "{% if %}"])
        }
        #expect(error?.template == "aa")
    }

    @Test("checks includes") func checksIncludes() throws {
        let missing = #expect(throws: TemplateError.self) {
            try TemplateSet(sources: ["a": "\n{% include \"b\" %}", "c": ""])
        }
        #expect(missing?.description == "a:2:12: expected one of the templates a, c, found \"b\"")
        let cycle = #expect(throws: TemplateError.self) {
            try TemplateSet(sources: ["a": "{% include \"b\" %}", "b": " {% include \"a\" %}"])
        }
        #expect(cycle?.description == "b:1:13: expected an include that ends, found the cycle a > b > a")
    }

    @Test("is shared among tasks") func isSharedAmongTasks() async throws {
        let set = set
        let pages = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<8 { group.addTask { try set.render("head.html", ["title": .int(number)]) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(pages == Set((0..<8).map { "<h1>\($0)</h1>" }))
    }
}
