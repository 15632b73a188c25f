import CarafeApp
import CarafeTemplates
import CarafeTesting
import HTTPTypes
import Mustache
import Testing

/// Another engine in the place of Carafe's own: one type with one method.
private struct MustacheRenderer: TemplateRenderer {
    struct MissingTemplate: Error {
        var name: String
    }

    var library: MustacheLibrary

    func render(_ name: String, _ values: TemplateValues) throws -> String {
        guard let text = library.render(values.object, withTemplate: name) else { throw MissingTemplate(name: name) }
        return text
    }
}

/// An engine that knows calls: its templates are names of functions.
private struct CallingRenderer: TemplateRenderer {
    func render(_ name: String, _ values: TemplateValues) throws -> String { "no functions" }

    func render(_ name: String, _ values: TemplateValues, functions: TemplateFunctions) throws -> String {
        try functions.call(name, ["Ann", "Bo"]).map { "\($0)" } ?? "no \(name)"
    }
}

@Suite(.timeLimit(.minutes(10))) struct TemplateRendererTests {
    private struct Room: Encodable, Sendable {
        var name: String
        var members: [String]
    }

    @Test("Mustache renders named values") func mustacheRendersNamedValues() async throws {
        let client = try makeClient(Template("room", ["name": "<tea>", "members": ["Ann", "Bo"]]))
        let response = try await client.get("/")
        #expect(response.text == "&lt;tea&gt;: Ann, Bo, ")
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
    }

    @Test("Mustache renders a value of yours") func mustacheRendersAValue() async throws {
        let client = try makeClient(Template("room", Room(name: "tea", members: ["Ann"])))
        #expect(try await client.get("/").text == "tea: Ann, ")
    }

    @Test("an engine may call the functions of the app") func engineMayCall() async throws {
        var app = App(bare: ())
        try app.install(Templates(renderer: CallingRenderer()))
        app.templateFunctions["greet"] = { request, names in "\(request.path): \(names.joined(separator: " and "))" }
        app.get("/p/<name>") { (_, name: String) in Template(name) }
        let client = try TestClient(app)
        #expect(try await client.get("/p/greet").text == "/p/greet: Ann and Bo")
        #expect(try await client.get("/p/shout").text == "no shout")
    }

    @Test("an error of an engine is 500") func errorEngine500() async throws {
        #expect(try await makeClient(Template("other")).get("/").status == .internalServerError)
    }

    private func makeClient(_ page: Template) throws -> TestClient {
        var library = MustacheLibrary()
        try library.register("{{name}}: {{#members}}{{.}}, {{/members}}", named: "room")
        var app = App(bare: ())
        try app.install(Templates(renderer: MustacheRenderer(library: library)))
        app.get("/") { _ in page }
        return try TestClient(app)
    }
}
