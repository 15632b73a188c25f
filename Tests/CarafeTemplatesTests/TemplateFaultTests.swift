import CarafeApp
import CarafeTemplateEngine
import CarafeTesting
import HTTPTypes
import TestSupport
import Testing

@testable import CarafeTemplates

@Suite(.timeLimit(.minutes(10))) struct TemplateFaultTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("has the lines around the place") func hasTheLinesAround() throws {
        try folder.write("a\r\nb\nc\n", to: "in/page.html")
        let position = TemplatePosition(line: 2, column: 1)
        let error = TemplateError(template: "in/page.html", position: position, message: "expected c, found b")
        let fault = TemplateFault(error, folder: folder.path)
        #expect(fault.description == "in/page.html:2:1: expected c, found b")
        #expect(fault.excerpt?.file == folder.path + "/in/page.html")
        #expect(fault.excerpt?.lines == ["a", "b", "c", ""])
        #expect(fault.excerpt?.line == 2)
    }

    @Test("without a place or a file there are no lines") func withoutAPlace() {
        let nowhere = TemplateError(template: "page.html", position: nil, message: "")
        #expect(TemplateFault(nowhere, folder: folder.path).excerpt == nil)
        let gone = TemplateError(template: "page.html", position: TemplatePosition(line: 1, column: 1), message: "")
        #expect(TemplateFault(gone, folder: folder.path).excerpt == nil)
    }

    @Test("a browser sees the place in debug mode") func browserSees() async throws {
        try folder.write("<h1>{{ title }}</h1>\n<p>{{ user.nick }}</p>\n", to: "part.html")
        try folder.write("{% include \"part.html\" %}", to: "page.html")
        let page = try await get(debug: true)
        #expect(page.contains("<h2>\(folder.path)/part.html, line 2, column 12</h2>"), "\(page)")
        #expect(page.contains("<li><code>&lt;h1&gt;{{ title }}&lt;/h1&gt;</code></li>"), "\(page)")
        #expect(page.contains("<code>&lt;p&gt;{{ user.<mark>n</mark>ick }}&lt;/p&gt;</code>"), "\(page)")
        #expect(try await get(debug: false) == "Internal Server Error")
    }

    @Test("a fault that appears while the app runs is shown too") func faultThatCame() async throws {
        try folder.write("fine", to: "page.html")
        let client = try makeClient(debug: true)
        try folder.write("<p>\n{{ 5x }}", to: "page.html")
        try folder.setModified(2_000_000_000, of: "page.html")
        let page = try await client.get("/", headers: [.accept: "text/html"]).text
        #expect(page.contains("<li aria-current=\"true\"><code>{{ <mark>5</mark>x }}</code></li>"), "\(page)")
    }

    private func get(debug: Bool) async throws -> String {
        try await makeClient(debug: debug).get("/", headers: [.accept: "text/html"]).text
    }

    private func makeClient(debug: Bool) throws -> TestClient {
        var app = App(bare: ())
        app.debug = debug
        try app.install(Templates(folder: folder.path))
        app.get("/") { _ in Template("page.html", ["title": "t", "user": ["name": "Ann"]]) }
        return try TestClient(app)
    }
}
