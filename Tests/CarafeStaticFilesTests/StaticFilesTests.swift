import CarafeApp
import CarafeStaticFiles
import CarafeTesting
import HTTPTypes
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct StaticFilesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("root:x", to: "secret.txt")
        try folder.write("hello", to: "root/a.txt")
        try folder.write("<p>", to: "root/sub/群 聊.html")
        try folder.write("dot", to: "root/.env")
    }

    @Test("serves a folder") func servesAFolder() async throws {
        let client = try makeClient()
        #expect(try await client.get("/static/a.txt").text == "hello")
        let page = try await client.get("/static/sub/%E7%BE%A4%20%E8%81%8A.html")
        #expect(page.text == "<p>")
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        #expect(try await client.get("/static/a.txt?v=3").text == "hello")
    }

    @Test("the slash at the end of the URL path makes no difference", arguments: ["/static", "/static/", "/"])
    func theSlash(urlPath: String)
        async throws
    {
        let prefix = urlPath == "/" ? "" : "/static"
        #expect(try await makeClient(urlPath: urlPath).get(prefix + "/a.txt").text == "hello")
    }

    @Test("at the root the app's routes win") func atTheRoot() async throws {
        var app = App(bare: ())
        try app.install(StaticFiles(folder: folder.path + "/root", urlPath: "/"))
        app.get("/") { _ in "home" }
        app.get("/sub/<name>") { (_, name: String) in "route" }
        let client = try TestClient(app)
        #expect(try await client.get("/").text == "home")
        #expect(try await client.get("/a.txt").text == "hello")
        #expect(try await client.get("/sub/x").text == "route")
    }

    @Test("several folders stand side by side") func severalFoldersStandSide() async throws {
        try folder.write("other", to: "other/b.txt")
        var app = App(bare: ())
        try app.install(StaticFiles(folder: folder.path + "/root"))
        try app.install(StaticFiles(folder: folder.path + "/other", urlPath: "/files/of/others"))
        let client = try TestClient(app)
        #expect(try await client.get("/static/a.txt").text == "hello")
        #expect(try await client.get("/files/of/others/b.txt").text == "other")
        #expect(try await client.get("/static/b.txt").status == .notFound)
    }

    @Test("two folders at one URL path are an error") func twoFolders() throws {
        var app = App(bare: ())
        try app.install(StaticFiles(folder: folder.path + "/root", urlPath: "/a"))
        #expect(throws: ExtensionConflictError.self) {
            try app.install(StaticFiles(folder: folder.path, urlPath: "/a"))
        }
        try app.install(StaticFiles(folder: folder.path, urlPath: "/a/"))
        #expect(throws: RouteError.self) { try TestClient(app) }
    }

    @Test("a bad URL path is an error", arguments: ["static", "/a//b", "/<x>"]) func badURLPath(urlPath: String) throws
    {
        var app = App(bare: ())
        try app.install(StaticFiles(folder: folder.path, urlPath: urlPath))
        #expect(throws: RouteError.self) { try TestClient(app) }
    }

    @Test(
        "nothing outside is served",
        arguments: [
            "../secret.txt", "%2e%2e/secret.txt", "%2E%2E%2Fsecret.txt", "..%2Fsecret.txt", ".%2e/secret.txt",
            "sub/../../secret.txt", "sub/%2e%2e/%2e%2e/secret.txt", "sub%2F..%2F..%2Fsecret.txt", "..%5Csecret.txt",
            "..\\secret.txt", "%252e%252e/secret.txt", "%252e%252e%252fsecret.txt", "....//secret.txt",
            "..;/secret.txt",
            "/secret.txt", "%2Fetc%2Fpasswd", "//etc/passwd", "%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "./.././secret.txt",
        ])
    func nothingOutsideIsServed(path: String) async throws {
        for urlPath in ["/static/", "/"] {
            let response = try await makeClient(urlPath: urlPath).get(urlPath + "sub/" + path)
            #expect(response.status == .notFound, "\(urlPath)\(path)")
            #expect(!response.text.contains("root:"))
        }
    }

    @Test(
        "some texts are not targets at all",
        arguments: [
            "/../secret.txt", "/%2e%2e/secret.txt", "/a.txt%00", "/%00", "/%c0%ae%c0%ae/secret.txt", "/..%c0%afx",
        ])
    func someAreNoTargets(path: String) async throws {
        await #expect(throws: TargetError.self) { try await makeClient(urlPath: "/").get(path) }
    }

    @Test(
        "directories, dot-files and missing files are 404",
        arguments: ["", "sub", "sub/", ".env", ".env/", "a.txt/", "a.txt/x", "nothing", "sub%2F", "%2E", "%2Eenv"])
    func directoriesDotFiles(path: String) async throws {
        #expect(try await makeClient().get("/static/" + path).status == .notFound)
    }

    @Test("links that lead outside are 404") func linksThatLeadOutside() async throws {
        try folder.link("root/file", to: "../secret.txt")
        try folder.link("root/up", to: "..")
        try folder.link("root/inside", to: "a.txt")
        let client = try makeClient()
        #expect(try await client.get("/static/file").status == .notFound)
        #expect(try await client.get("/static/up/secret.txt").status == .notFound)
        #expect(try await client.get("/static/up/root/a.txt").text == "hello", "in the end it is inside")
        #expect(try await client.get("/static/inside").text == "hello")
    }

    @Test("other methods are 405") func otherMethodsAre405() async throws {
        let response = try await makeClient().post("/static/a.txt")
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test("its errors have the handlers of the app") func itsErrorsHave() async throws {
        var app = App(bare: ())
        try app.install(StaticFiles(folder: folder.path + "/root"))
        app.onError(.notFound) { request, _ in "no \(request.path)" }
        #expect(try await TestClient(app).get("/static/x").text == "no /static/x")
    }

    @Test("works in a mounted app") func worksInAMounted() async throws {
        var inner = App(bare: ())
        try inner.install(StaticFiles(folder: folder.path + "/root"))
        var outer = App(bare: ())
        outer.mount("/in", inner)
        #expect(try await TestClient(outer).get("/in/static/a.txt").text == "hello")
    }

    @Test("a missing folder is an error at once") func missingFolder() throws {
        let path = folder.path + "/nothing"
        let error = #expect(throws: StaticFolderError.self) { try StaticFiles(folder: path) }
        #expect(error?.path == path)
    }

    private func makeClient(urlPath: String = "/static") throws -> TestClient {
        var app = App(bare: ())
        try app.install(StaticFiles(folder: folder.path + "/root", urlPath: urlPath))
        return try TestClient(app)
    }
}
