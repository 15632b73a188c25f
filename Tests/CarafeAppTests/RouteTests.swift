import CarafeApp
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct RouteTests {
    @Test("makes the URL that leads to it") func makesTheURL() async throws {
        var app = App(bare: ())
        let user = app.get("/users/<int:id>/<name>") { (_, id: Int, name: String) in "\(id) \(name)" }
        let home = app.get("/") { _ in "home" }
        let client = try TestClient(app)
        #expect(user.url(5, "Ann") == "/users/5/Ann")
        #expect(home.url() == "/")
        #expect(try await client.get(user.url(5, "Ann")).text == "5 Ann")
    }

    @Test(
        "encoded arguments are decoded to the same values",
        arguments: ["a b", "a/b", "50%", "群聊", "a?b#c", "a+b&c=d", "\"<>'\\", "…", "a..b"])
    func encodedArgumentsDecodedSame(name: String) async throws {
        var app = App(bare: ())
        let user = app.get("/u/<name>") { (_, name: String) in name }
        let file = app.get("/f/<path:file>/raw") { (_, file: String) in file }
        let client = try TestClient(app)
        #expect(user.url(name).utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(try await client.get(user.url(name)).text == name)
        #expect(try await client.get(file.url("x/" + name)).text == "x/" + name)
    }

    @Test("percent-encodes literals") func percentEncodesLiterals() async throws {
        var app = App(bare: ())
        let chat = app.get("/群聊/<path:file>") { (_, file: String) in file }
        #expect(chat.url("a b/c") == "/%E7%BE%A4%E8%81%8A/a%20b/c")
        #expect(try await TestClient(app).get(chat.url("a b/c")).text == "a b/c")
    }

    @Test("writes every kind of argument") func writesEveryKind() async throws {
        var app = App(bare: ())
        let route = app.get("/<uuid:a>/<float:b>/<int:c>") { (_, a: UUID, b: Double, c: Int) in "\(b) \(c)" }
        let client = try TestClient(app)
        let url = route.url(UUID(), 1e20, -3)
        #expect(url.hasSuffix("/100000000000000000000/-3"))
        #expect(try await client.get(url).text == "1e+20 -3")
    }

    @Test("knows its blueprint and its mount point") func knowsItsBlueprint() async throws {
        var users = Blueprint(prefix: "/users")
        let user = users.get("/<int:id>") { (_, id: Int) in "\(id)" }
        var admin = Blueprint(prefix: "/ad min/")
        let index = admin.get("/") { _ in "index" }
        admin.register(users)
        var inner = App(bare: ())
        let own = inner.get("/own") { _ in "own" }
        inner.register(admin)
        var middle = App(bare: ())
        middle.mount("/群", inner)
        var outer = App(bare: ())
        outer.mount("/a/b", middle)
        let client = try TestClient(outer)
        #expect(own.url() == "/a/b/%E7%BE%A4/own")
        #expect(index.url() == "/a/b/%E7%BE%A4/ad%20min/")
        #expect(user.url(7) == "/a/b/%E7%BE%A4/ad%20min/users/7")
        for (url, text) in [(own.url(), "own"), (index.url(), "index"), (user.url(7), "7")] {
            #expect(try await client.get(url).text == text)
        }
    }

    @Test("a blueprint at the root adds nothing") func aBlueprint() async throws {
        var pages = Blueprint(prefix: "/")
        let about = pages.get("/about") { _ in "about" }
        let home = pages.get("/") { _ in "home" }
        var app = App(bare: ())
        app.register(pages)
        let client = try TestClient(app)
        #expect(about.url() == "/about")
        #expect(home.url() == "/")
        #expect(try await client.get("/about").text == "about")
        #expect(try await client.get("/").text == "home")
    }

    @Test("URLs are made inside handlers too") func urlsAreMadeInside() async throws {
        var inner = App(bare: ())
        let target = inner.get("/target/<int:n>") { (_, n: Int) in "\(n)" }
        inner.get("/go") { _ in redirect(target.url(3)) }
        var outer = App(bare: ())
        outer.mount("/in", inner)
        #expect(try await TestClient(outer).get("/in/go").headers[.location] == "/in/target/3")
    }
}
