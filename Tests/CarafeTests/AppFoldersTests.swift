import Carafe
import CarafeTesting
import FoundationEssentials
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct AppFoldersTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("hello", to: "statics/a.txt")
        try folder.write("Hello, {{ name }}!", to: "Templates/page.html")
    }

    @Test("the app of ten lines needs only Carafe") func tenLineApp() async throws {
        var app = App(staticFolder: folder.path + "/statics", templateFolder: folder.path + "/Templates")
        app.get("/") { _ in "Hello, World!" }
        app.get("/<name>") { (_, name: String) in Template("page.html", ["name": name]) }
        let client = try TestClient(app)
        #expect(try await client.get("/").text == "Hello, World!")
        #expect(try await client.get("/Ann").text == "Hello, Ann!")
        #expect(try await client.get("/static/a.txt").text == "hello")
        #expect(try await client.get("/static/a.txt").status == .ok)
    }

    @Test("the static URL path can be chosen") func staticURLPathCan() async throws {
        for urlPath in ["/", "/assets", "/a/b/"] {
            let app = App(staticFolder: folder.path + "/statics", staticURLPath: urlPath)
            let prefix = urlPath.hasSuffix("/") ? urlPath : urlPath + "/"
            #expect(try await TestClient(app).get(prefix + "a.txt").text == "hello")
        }
    }

    @Test("without folders there are no static files and templates") func withoutFoldersThere() async throws {
        #expect(App().extensions.isEmpty)
        #expect(try await TestClient(App()).get("/static/a.txt").status == .notFound)
    }

    @Test("a missing static folder stops the start and names the absolute path") func missingStaticFolder() throws {
        let path = folder.path + "/nothing"
        let missing = #expect(throws: StaticFolderError.self) { try TestClient(App(staticFolder: path)) }
        #expect(missing?.path == path)
        let relative = #expect(throws: StaticFolderError.self) { try TestClient(App(staticFolder: "no/such/folder")) }
        #expect(relative?.path == FileManager.default.currentDirectoryPath + "/no/such/folder")
    }

    @Test("a missing template folder and a bad template stop the start") func missingTemplateFolder() throws {
        let path = folder.path + "/nothing"
        let missing = #expect(throws: TemplateFolderError.self) { try TestClient(App(templateFolder: path)) }
        #expect(missing?.path == path)
        try folder.write("\n{{ ? }}", to: "Templates/bad.html")
        let bad = #expect(throws: (any Error).self) { try TestClient(App(templateFolder: folder.path + "/Templates")) }
        #expect(bad.map { "\($0)" }?.hasPrefix("bad.html:2:4: expected") == true)
    }
}
