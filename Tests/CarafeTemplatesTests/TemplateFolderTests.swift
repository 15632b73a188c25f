import CarafeApp
import CarafeTesting
import HTTPTypes
import TestSupport
import Testing

@testable import CarafeTemplates

@Suite(.timeLimit(.minutes(10))) struct TemplateFolderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("reads folders inside and no hidden files") func readsFoldersInside() throws {
        try folder.write("a", to: "a.html")
        try folder.write("b", to: "mail/b.txt")
        try folder.write("{{ broken", to: ".a.html.swp")
        try folder.write("{{ broken", to: ".git/b.html")
        let templates = try TemplateFolder(folder.path)
        #expect(try templates.render("a.html", .named([:])) == "a")
        #expect(try templates.render("mail/b.txt", .named([:])) == "b")
        #expect(throws: (any Error).self) { try templates.render(".a.html.swp", .named([:])) }
    }

    @Test("a file is UTF-8") func aFileIsUTF8() throws {
        try folder.write("x", to: "a.html")
        try folder.write(bytes: [0x61, 0xFF], to: "bad.html")
        let error = #expect(throws: TemplateFolderError.self) { try TemplateFolder(folder.path) }
        #expect(error?.description == "\(folder.path)/bad.html: expected text in UTF-8")
    }

    @Test("knows the languages of a template") func knowsTheLanguages() throws {
        for name in ["a.html", "a.zh.html", "a.zh-Hant.html", "b.de.html", "mail/c.txt", "mail/c.fr.txt"] {
            try folder.write("x", to: name)
        }
        let templates = try TemplateFolder(folder.path)
        #expect(templates.languages(of: "a.html") == ["zh-Hant", "zh"])
        #expect(templates.languages(of: "b.html") == [])
        #expect(templates.languages(of: "mail/c.txt") == ["fr"])
    }

    @Test("puts the language before the end of the name") func putsTheLanguageBefore() {
        #expect(TemplateFolder.name("chat.html", in: "zh") == "chat.zh.html")
        #expect(TemplateFolder.name("mail/a.b.txt", in: "zh") == "mail/a.b.zh.txt")
        #expect(TemplateFolder.name("plain", in: "zh") == "plain.zh")
    }

    @Test("in debug mode a changed file is read again") func inDebugMode() async throws {
        try folder.write("one", to: "page.html")
        let client = try makeClient(debug: true)
        #expect(try await client.get("/").text == "one")
        try write("two", modified: 2_000_000_000)
        #expect(try await client.get("/").text == "two")
        try folder.write("neu", to: "page.de.html")
        #expect(try await client.get("/", headers: [.acceptLanguage: "de"]).text == "neu")
        try folder.remove("page.de.html")
        #expect(try await client.get("/", headers: [.acceptLanguage: "de"]).text == "two")
    }

    @Test("in debug mode a broken file is shown and can be mended") func inDebugModeABroken() async throws {
        try folder.write("one", to: "page.html")
        let client = try makeClient(debug: true)
        try write("a\n{{ broken", modified: 2_000_000_000)
        let response = try await client.get("/")
        #expect(response.status == .internalServerError)
        #expect(response.text.hasPrefix("page.html:2:"), "\(response.text)")
        try write("three", modified: 2_000_000_001)
        #expect(try await client.get("/").text == "three")
    }

    @Test("in debug mode a changed file is checked for its calls before it is shown") func inDebugModeAChanged()
        async throws
    {
        try folder.write("one", to: "page.html")
        try folder.write("{% if false %}{{ x }}{% endif %}", to: "other.html")
        let client = try makeClient(debug: true)
        try write("{% if never %}{{ shout() }}{% endif %}", modified: 2_000_000_000)
        #expect(
            try await client.get("/").text == "page.html:1:18: expected an app with functions, found \"shout\"")
        try write("two", modified: 2_000_000_001)
        #expect(try await client.get("/").text == "two")
    }

    @Test("outside debug mode files are read once") func outsideDebugModeFiles() async throws {
        try folder.write("one", to: "page.html")
        let client = try makeClient(debug: false)
        try write("two", modified: 2_000_000_000)
        #expect(try await client.get("/").text == "one")
    }

    private func write(_ text: String, modified: Int) throws {
        try folder.write(text, to: "page.html")
        try folder.setModified(modified, of: "page.html")
    }

    private func makeClient(debug: Bool) throws -> TestClient {
        var app = App(bare: ())
        app.debug = debug
        try app.install(Templates(folder: folder.path))
        app.get("/") { _ in Template("page.html") }
        return try TestClient(app)
    }
}
