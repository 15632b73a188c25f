import Carafe
import CarafeTesting
import Foundation
import Plugin
import Testing

@Suite("Phrases", .timeLimit(.minutes(10)))
struct PhrasesTests {
    private let phrases = Phrases(["greeting": ["en": "Hello", "de": "Grüß <dich>"]])

    /// An app with one page.
    private func makeApp(_ page: String) throws -> App {
        let folder = FileManager.default.temporaryDirectory.appending(path: "phrases-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(page.utf8).write(to: folder.appending(path: "page.html"))
        var app = App()
        try app.install(Templates(folder: folder.path))
        try app.install(phrases)
        app.get("/") { request in Template("page.html", ["name": request.query["name"] ?? ""]) }
        return app
    }

    @Test("a reader gets the phrase in the language that the browser asks for, else in the first one")
    func languages() async throws {
        let client = try TestClient(makeApp(#"<p>{{ phrase("greeting") }}"#))
        #expect(try await client.get("/").text == "<p>Hello")
        #expect(try await client.get("/", headers: [.acceptLanguage: "fr"]).text == "<p>Hello")
        let german = try await client.get("/", headers: [.acceptLanguage: "de-AT, en;q=0.5"])
        #expect(german.text == "<p>Grüß &lt;dich&gt;")
    }

    @Test(
        "a call that can never be right is found when the app is built, with its place in the template",
        arguments: [
            (#"{{ phrase("farewell") }}"#, #"expected the name of a phrase, found "farewell""#),
            (#"{{ phrase("greeting", "x") }}"#, #"expected phrase("name"), found 2 arguments"#),
        ])
    func badCalls(call: String, problem: String) throws {
        let app = try makeApp("<p>\n\(call)")
        let error = #expect(throws: (any Error).self) { try app.makeHandler() }
        #expect("\(error, default: "")".hasPrefix("page.html:2:") && "\(error, default: "")".contains(problem))
    }

    @Test("a name that the page has only when it is made is looked up then")
    func computedName() async throws {
        let client = try TestClient(makeApp("{{ phrase(name) }}"))
        #expect(try await client.get("/?name=greeting").text == "Hello")
        let missing = try await client.get("/?name=other")
        #expect(missing.status == .internalServerError)
        #expect(missing.error?.contains(#"found "other""#) == true)
    }
}
