import CarafeApp
import CarafeTesting
import HTTPTypes
import TestSupport
import Testing

@testable import CarafeTemplates

@Suite("Words", .timeLimit(.minutes(10)))
struct WordsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("a file of words has its language in its name")
    func names() {
        #expect(Words.language(ofFile: "words.zh.json") == "zh")
        #expect(Words.language(ofFile: "words.pt-BR.json") == "pt-BR")
        for name in ["words.json", "mail/words.zh.json", "words.zh.html", "word.zh.json", "words.zh.x.json"] {
            #expect(Words.language(ofFile: name) == nil, "\(name)")
        }
    }

    @Test("a text is itself in the language of the templates")
    func text() throws {
        let words = Words(["zh": ["Send": "发送"], "de": ["Send": "Senden"]])
        #expect(words.languages == ["de", "zh"])
        #expect(try words.text(["Send"], in: "zh") == "发送")
        #expect(try words.text(["Send"], in: "en") == "Send")
    }

    @Test("a text that one of the languages lacks is named, and so is a call that has not one text")
    func check() {
        let words = Words(["zh": ["Send": "发送"], "de": [:]])
        #expect(throws: WordsError(description: "expected \"Send\" in words.de.json, found none")) {
            try words.check(["Send"])
        }
        #expect(throws: WordsError(description: "expected _(\"a text\"), found 2 arguments")) {
            try words.check(["Send", "it"])
        }
    }

    @Test(
        "RFC 9110 §12.5.4, §12.5.5: a page has its words in the language of the client, and says so",
        arguments: [
            ("zh-CN,zh;q=0.9,en;q=0.5", "<p lang=\"zh-Hans\">&lt;你好&gt;</p>\"发送\"", "zh"),
            ("fr", "<p lang=\"en\">&lt;hello&gt;</p>\"Send\"", "en"),
        ])
    func page(field: String, text: String, language: String) async throws {
        try folder.write("<p lang=\"{{ _(\"en\") }}\">{{ _(word) }}</p>{% include \"part.json\" %}", to: "page.html")
        try folder.write("{{ _(\"Send\") | json }}", to: "part.json")
        try folder.write("{ \"en\": \"zh-Hans\", \"<hello>\": \"<你好>\", \"Send\": \"发送\" }", to: "words.zh.json")
        let response = try await makeClient().get("/", headers: [.acceptLanguage: field])
        #expect(response.text == text)
        #expect(response.headers[.contentLanguage] == language)
        #expect(response.headers[.vary] == "Accept-Language")
    }

    @Test("a page without words of its own varies by nothing")
    func plainPage() async throws {
        try folder.write("hello", to: "page.html")
        try folder.write("{}", to: "words.zh.json")
        let response = try await makeClient().get("/", headers: [.acceptLanguage: "zh"])
        #expect(response.text == "hello")
        #expect(response.headers[.vary] == nil)
    }

    @Test("a whole page in a language comes before the words in it")
    func wholePage() async throws {
        try folder.write("{{ _(\"hello\") }}", to: "page.html")
        try folder.write("整页", to: "page.zh.html")
        try folder.write("{ \"hello\": \"你好\" }", to: "words.zh.json")
        try folder.write("{ \"hello\": \"hallo\" }", to: "words.de.json")
        let client = try makeClient()
        for (language, text) in [("zh", "整页"), ("de", "hallo"), ("en", "hello")] {
            let response = try await client.get("/", headers: [.acceptLanguage: language])
            #expect(response.text == text)
            #expect(response.headers[.contentLanguage] == language)
        }
    }

    @Test("a text without a translation stops the start, with its place")
    func missing() throws {
        try folder.write("\n {{ _(\"Sned\") }}", to: "page.html")
        try folder.write("{ \"Send\": \"发送\" }", to: "words.zh.json")
        let error = #expect(throws: (any Error).self) { try makeClient() }
        #expect(
            error.map { "\($0)" }
                == "page.html:2:5: the call of _ is wrong: expected \"Sned\" in words.zh.json, found none")
    }

    @Test("a malformed file of words stops the start", arguments: ["[]", "{ \"Send\": 1 }", "{"])
    func badFile(content: String) throws {
        try folder.write(content, to: "words.zh.json")
        let error = #expect(throws: TemplateFolderError.self) { try Templates(folder: folder.path) }
        #expect(
            error?.description
                == "\(folder.path)/words.zh.json: expected a JSON object that has a text for each text")
    }

    @Test("an app's own function of that name takes its place")
    func ownFunction() async throws {
        try folder.write("{{ _(\"hello\") }}", to: "page.html")
        try folder.write("{}", to: "words.zh.json")
        let client = try makeClient { $0.templateFunctions["_"] = { _, texts in texts[0] + "!" } }
        #expect(try await client.get("/").text == "hello!")
    }

    private func makeClient(_ prepare: (inout App) -> Void = { _ in }) throws -> TestClient {
        var app = App(bare: ())
        try app.install(Templates(folder: folder.path))
        prepare(&app)
        app.get("/") { _ in Template("page.html", ["word": "<hello>"]) }
        return try TestClient(app)
    }
}
