import CarafeApp
import CarafeTemplates
import CarafeTesting
import HTTPTypes
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct TemplateTests {
    private struct Page: Encodable, Sendable {
        struct User: Encodable, Sendable {
            var name: String
        }

        var user: User
        var count: Int
    }

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("a template is a page in UTF-8") func isAPage() async throws {
        let response = try await render("<p>群聊</p>", Template("page.html"))
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.text == "<p>群聊</p>")
    }

    @Test("escapes for HTML by default") func escapesForHTML() async throws {
        let response = try await render("<p title=\"{{ x }}\">{{ x }}", Template("page.html", ["x": "<a href='\"&"]))
        #expect(!response.text.contains("<a"))
        #expect(response.text.hasPrefix("<p title=\"&lt;a href="))
        #expect(response.text.contains("&amp;"))
        #expect(!response.text.dropFirst("<p title=\"".count).prefix { $0 != ">" }.dropLast().contains("\""))
    }

    @Test("safe writes HTML as it is") func safeWritesHTML() async throws {
        #expect(try await render("{{ x | safe }}", Template("page.html", ["x": "<b>"])).text == "<b>")
    }

    @Test("JSON is safe inside a script") func jsonIsSafeInside() async throws {
        let page = Template("page.html", ["x": ["</script><!--", "\u{2028}"]])
        let response = try await render("<script>{{ x | json }}</script>", page)
        #expect(response.text.components(of: "</script>") == 2)
        #expect(!response.text.contains("<!--"))
        #expect(!response.text.contains("\u{2028}"))
    }

    @Test("takes values of several types") func takesValuesOfSeveral() async throws {
        let page = Template("page.html", ["name": "Ann", "count": 3, "user": Page.User(name: "Bo")])
        #expect(try await render("{{ name }} {{ count }} {{ user.name }}", page).text == "Ann 3 Bo")
    }

    @Test("takes the value of a type of yours") func takesTheValue() async throws {
        let page = Template("page.html", Page(user: .init(name: "Ann"), count: 3))
        #expect(try await render("{{ user.name }} {{ count }}", page).text == "Ann 3")
    }

    @Test("a template includes others") func includesOthers() async throws {
        try folder.write("<h1>{{ title }}</h1>", to: "parts/head.html")
        let response = try await render(
            "{% include \"parts/head.html\" %}{# not shown #}<p>", Template("page.html", ["title": "<Hi>"]))
        #expect(response.text == "<h1>&lt;Hi&gt;</h1><p>")
    }

    @Test("a template has a status") func hasAStatus() async throws {
        #expect(try await render("x", Template("page.html", status: .notFound)).status == .notFound)
        #expect(try await render("x", Template("page.html", ["a": 1], status: .created)).status == .created)
    }

    @Test("a template is a reply like any other") func isAReplyLike() async throws {
        try folder.write("nothing at {{ path }}", to: "missing.html")
        try folder.write("x", to: "page.html")
        var app = App(bare: ())
        try app.install(Templates(folder: folder.path))
        app.get("/") { _ in (.accepted, Template("page.html")) }
        app.onError(.notFound) { request, _ in Template("missing.html", ["path": request.path]) }
        let client = try TestClient(app)
        #expect(try await client.get("/").status == .accepted)
        let missing = try await client.get("/a/b")
        #expect(missing.status == .notFound)
        #expect(missing.text == "nothing at /a/b")
    }

    @Test("a missing variable names itself and the template") func missingVariableNames() async throws {
        let response = try await render(
            "line\n<p>{{ user.nick }}", Template("page.html", ["user": ["name": "Ann"]]), debug: true)
        #expect(response.status == .internalServerError)
        #expect(response.text.hasPrefix("page.html:2:"), "\(response.text)")
        #expect(response.text.contains("\"user.nick\""), "\(response.text)")
    }

    @Test("outside debug mode the client does not see the error") func outsideDebugMode() async throws {
        let response = try await render("{{ secret }}", Template("page.html"))
        #expect(response.status == .internalServerError)
        #expect(response.text == "Internal Server Error")
    }

    @Test("a missing template names itself") func missingTemplateNames() async throws {
        let response = try await render("x", Template("other.html"), debug: true)
        #expect(response.status == .internalServerError)
        #expect(response.text.contains("other.html"))
    }

    private func render(_ source: String, _ page: Template, debug: Bool = false) async throws -> TestResponse {
        try folder.write(source, to: "page.html")
        var app = App(bare: ())
        app.debug = debug
        try app.install(Templates(folder: folder.path))
        app.get("/") { _ in page }
        return try await TestClient(app).get("/")
    }
}

extension String {
    /// Returns the number of occurrences of a text in this one.
    fileprivate func components(of text: String) -> Int {
        ranges(of: text).count + 1
    }
}
