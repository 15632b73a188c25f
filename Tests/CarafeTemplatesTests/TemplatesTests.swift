import CarafeApp
import CarafeTemplates
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct TemplatesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(
        "a bad template stops the start",
        arguments: [
            ("{{ name", "bad.html:1:1: expected"), ("<p>\n  {{ 5x }}", "bad.html:2:6: expected"),
            ("a\nb\n{% for x of y %}", "bad.html:3:10: expected"), ("{{ x | upper }}", "bad.html:1:8: expected"),
            ("{% include \"nothing.html\" %}", "bad.html:1:12: expected"), ("{# open", "bad.html:1:"),
        ])
    func badTemplateStops(source: String, message: String) throws {
        try folder.write("fine", to: "a.html")
        try folder.write(source, to: "bad.html")
        let error = #expect(throws: (any Error).self) { try Templates(folder: folder.path) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix(message), "\(text)")
        #expect(text.contains("found"), "\(text)")
    }

    @Test("calls the functions of the app") func callsTheFunctions() async throws {
        try folder.write("{{ hello(\"<you>\", name) }}{% for n in numbers() %}{{ n }}{% endfor %}", to: "page.html")
        var app = App(bare: ())
        try app.install(Templates(folder: folder.path))
        app.templateFunctions["hello"] = { request, names in "\(request.path) \(names.joined(separator: "&"))" }
        app.templateFunctions["numbers"] = { _, _ in [1, 2] }
        app.get("/p") { _ in Template("page.html", ["name": "me"]) }
        #expect(try await TestClient(app).get("/p").text == "/p &lt;you&gt;&amp;me12")
    }

    @Test("a call of a missing function stops the start") func callOfNothing() throws {
        try folder.write("{{ helo() }}", to: "page.html")
        var app = App(bare: ())
        try app.install(Templates(folder: folder.path))
        app.templateFunctions["hello"] = { _, _ in "" }
        let error = #expect(throws: (any Error).self) { try app.makeHandler() }
        #expect(
            error.map { "\($0)" } == "page.html:1:4: expected one of the functions hello, found \"helo\"")
    }

    @Test("a call that its check refuses stops the start") func aCall() throws {
        struct Odd: Error, CustomStringConvertible { var description: String { "expected an even number" } }
        try folder.write("{{ half(\"4\") }}{{ half(n) }}\n{{ half(\"5\") }}", to: "page.html")
        var app = App(bare: ())
        try app.install(Templates(folder: folder.path))
        app.templateFunctions["half"] = { _, _ in "" }
        app.templateChecks["half"] = { if Int($0[0])?.isMultiple(of: 2) != true { throw Odd() } }
        let error = #expect(throws: (any Error).self) { try app.makeHandler() }
        #expect(error.map { "\($0)" } == "page.html:2:4: the call of half is wrong: expected an even number")
    }

    @Test("a circle of includes stops the start") func circleOfIncludes() throws {
        try folder.write("{% include \"b.html\" %}", to: "a.html")
        try folder.write("{% include \"a.html\" %}", to: "b.html")
        let error = #expect(throws: (any Error).self) { try Templates(folder: folder.path) }
        #expect(error.map { "\($0)" }?.contains("cycle") == true)
    }

    @Test("a missing folder stops the start and names the absolute path") func missingFolderStops() throws {
        let path = folder.path + "/nothing"
        let error = #expect(throws: TemplateFolderError.self) { try Templates(folder: path) }
        #expect(error?.description == "\(path): expected a folder, found none")
        let relative = #expect(throws: TemplateFolderError.self) { try Templates(folder: "no/such/folder") }
        #expect(relative?.path.hasPrefix("/") == true)
    }

    @Test(
        "RFC 9110 §12.5.4, §12.5.5: a response that was chosen by a field says so",
        arguments: [
            ("zh-CN,zh;q=0.9,en;q=0.5", "你好", "zh"), ("en", "hello", "en"), ("fr", "hello", "en"),
            ("de-AT, de;q=0.9", "hallo", "de"), ("en;q=0.1, de", "hallo", "de"),
        ])
    func followsTheLanguageOfTheClient(field: String, text: String, language: String) async throws {
        try writeLanguages()
        let client = try makeClient(Templates(folder: folder.path))
        let response = try await client.get("/", headers: [.acceptLanguage: field])
        #expect(response.text == text)
        #expect(response.headers[.contentLanguage] == language)
        #expect(response.headers[.vary] == "Accept-Language")
    }

    @Test("without the field the language is that of the folder") func withoutTheField() async throws {
        try writeLanguages()
        let response = try await makeClient(Templates(folder: folder.path, language: "en-GB")).get("/")
        #expect(response.text == "hello")
        #expect(response.headers[.contentLanguage] == "en-GB")
    }

    @Test("a page without other languages has no Vary") func pageWithoutOther() async throws {
        try folder.write("hello", to: "page.html")
        try folder.write("v3", to: "other.zh.html")
        let response = try await makeClient(Templates(folder: folder.path)).get("/", headers: [.acceptLanguage: "zh"])
        #expect(response.text == "hello")
        #expect(response.headers[.vary] == nil)
        #expect(response.headers[.contentLanguage] == nil)
    }

    @Test("installing twice is an error") func installingTwice() throws {
        var app = App(bare: ())
        try app.install(Templates(folder: folder.path))
        #expect(throws: ExtensionConflictError.self) { try app.install(Templates(folder: folder.path)) }
    }

    @Test("without templates the page is an error that names them") func withoutTemplatesThePage() async throws {
        var app = App(bare: ())
        app.debug = true
        app.get("/") { _ in Template("page.html") }
        let response = try await TestClient(app).get("/")
        #expect(response.status == .internalServerError)
        #expect(response.text.contains("Templates is not installed"))
    }

    @Test("a mounted app has its own templates") func mountedApp() async throws {
        try folder.write("inner", to: "in/page.html")
        try folder.write("outer", to: "out/page.html")
        var inner = App(bare: ())
        try inner.install(Templates(folder: folder.path + "/in"))
        inner.get("/") { _ in Template("page.html") }
        var outer = App(bare: ())
        try outer.install(Templates(folder: folder.path + "/out"))
        outer.get("/") { _ in Template("page.html") }
        outer.mount("/in", inner)
        let client = try TestClient(outer)
        #expect(try await client.get("/").text == "outer")
        #expect(try await client.get("/in/").text == "inner")
    }

    private func writeLanguages() throws {
        try folder.write("hello", to: "page.html")
        try folder.write("你好", to: "page.zh.html")
        try folder.write("hallo", to: "page.de.html")
    }

    private func makeClient(_ templates: Templates) throws -> TestClient {
        var app = App(bare: ())
        try app.install(templates)
        app.get("/") { _ in Template("page.html") }
        return try TestClient(app)
    }

    @Test("dates, URLs and bytes are texts in templates as in JSON")
    func foundationValues() async throws {
        struct Values: Encodable {
            var date = Date(timeIntervalSince1970: 1_795_878_245)
            var link = URL(string: "https://x.example/?a&b")
            var bytes = Data([1, 2, 3])
        }
        try folder.write("{{ v.date }} {{ v.link }} {{ v | json }}", to: "page.html")
        var app = App(bare: ())
        try app.install(Templates(folder: folder.path))
        app.get("/") { _ in Template("page.html", ["v": Values()]) }
        #expect(
            try await TestClient(app).get("/").text == """
                2026-11-28T15:04:05Z https://x.example/?a&amp;b \
                {"bytes":"AQID","date":"2026-11-28T15:04:05Z","link":"https://x.example/?a\\u0026b"}
                """)
    }
}
