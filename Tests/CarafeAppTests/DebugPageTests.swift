import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

private struct Broken: Error, CustomStringConvertible {
    var description: String
}

private struct BadLine: SourceExplained {
    var excerpt: SourceExcerpt?
}

@Suite(.timeLimit(.minutes(10))) struct DebugPageTests {
    private let browser: HTTPFields = [.accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"]

    @Test("shows the error and the request to a browser") func showsTheError() async throws {
        let response = try await get("/users/5?page=2&page=%C3%A9", headers: [.userAgent: "Browser/1"])
        #expect(response.status == .internalServerError)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        for text in [
            "<h1>the kettle is empty</h1>", "<title>500: Broken</title>", "<code>GET</code>", "<code>/users/5</code>",
            "<code>/users/&lt;int:id&gt;</code>", row("page", "2"), row("page", "é"), row("User-Agent", "Browser/1"),
        ] {
            #expect(response.text.contains(text), "\(text) is not in \(response.text)")
        }
    }

    @Test("its policy allows nothing but its own style") func itsPolicyAllowsNothing() async throws {
        let response = try await get("/users/5")
        #expect(response.headers[.contentSecurityPolicy] == "default-src 'none'; style-src 'unsafe-inline'")
        #expect(response.headers[.cacheControl] == "no-store")
        for name in ["<script", "<link", "<img", "src=", "href=", "url(", "@import"] {
            #expect(!response.text.contains(name))
        }
    }

    @Test("all shown text is escaped") func escapesWhateverItShows() async throws {
        let attack = "\"><script>alert(1)</script>"
        let name = try #require(HTTPField.Name("X-Attack"))
        let response = try await get(
            "/users/5?%3Cscript%3E=%3Cscript%3E&a=%22", headers: [name: attack], error: Broken(description: attack))
        #expect(!response.text.contains("<script"))
        #expect(response.text.contains("<h1>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</h1>"))
        #expect(response.text.contains(row("&lt;script&gt;", "&lt;script&gt;")))
        #expect(response.text.contains(row("X-Attack", "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;")))

        let excerpt = SourceExcerpt(of: "\(attack)\n\(attack)", file: attack, line: 1, column: 3)
        let page = try await get("/users/5", error: BadLine(excerpt: excerpt))
        #expect(!page.text.contains("<script"))
        #expect(page.text.count(of: "&lt;script&gt;") >= 3)
    }

    @Test("credentials are hidden") func credentialsHidden() async throws {
        var headers: HTTPFields = [
            .cookie: "session=secret-1", .authorization: "Bearer secret-2", .proxyAuthorization: "secret-3",
        ]
        for name in ["X-API-Key", "X-CSRF-Token", "x-auth"] {
            headers[try #require(HTTPField.Name(name))] = "secret-4"
        }
        let response = try await get("/users/5?token=secret-5&Password=secret-6&page=7", headers: headers)
        #expect(!response.text.contains("secret-"))
        #expect(response.text.count(of: "<em>hidden</em>") == 8)
        #expect(response.text.contains("<th scope=\"row\">Cookie</th><td><em>hidden</em></td>"))
        #expect(response.text.contains(row("page", "7")))
    }

    @Test("marks the place in a file") func marksThePlace() async throws {
        let excerpt = SourceExcerpt(of: "one\nt<o\nthree", file: "Kettle.txt", line: 2, column: 2)
        let response = try await get("/users/5", error: BadLine(excerpt: excerpt))
        #expect(response.text.contains("<h2>Kettle.txt, line 2, column 2</h2>"))
        #expect(
            response.text.contains(
                """
                <ol start="1">
                <li><code>one</code></li>
                <li aria-current="true"><code>t<mark>&lt;</mark>o</code></li>
                <li><code>three</code></li>
                </ol>
                """))
        #expect(try await !get("/users/5", error: BadLine(excerpt: nil)).text.contains("<ol"))
    }

    @Test("a column beside the line marks nothing", arguments: [0, 4, 5, 99]) func columnBeside(column: Int)
        async throws
    {
        let excerpt = SourceExcerpt(of: "one", file: "Kettle.txt", line: 1, column: column)
        let text = try await get("/users/5", error: BadLine(excerpt: excerpt)).text
        #expect(text.contains(column == 0 ? "<mark>o</mark>ne" : "one<mark></mark>"))
    }

    @Test("clients other than browsers get text") func othersGetText() async throws {
        for accept in ["", "*/*", "application/json", "text/html\u{E9}"] {
            let headers: HTTPFields = accept.isEmpty ? [:] : [.accept: accept]
            let response = try await makeClient().get("/users/5", headers: headers)
            #expect(response.status == .internalServerError)
            #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
            #expect(response.text == "the kettle is empty")
        }
    }

    @Test("outside debug mode there is no page") func outsideDebugModeThere() async throws {
        let response = try await makeClient(debug: false).get("/users/5", headers: browser)
        #expect(response.status == .internalServerError)
        #expect(response.text == "Internal Server Error")
    }

    @Test("the page comes before the app's own page for 500") func comesBeforeTheApps() async throws {
        var app = makeApp()
        app.onError(.internalServerError) { _, error in "Sorry. \(error.message ?? "")" }
        let client = try TestClient(app)
        #expect(try await client.get("/users/5", headers: browser).text.contains("<h1>the kettle is empty</h1>"))
        #expect(try await client.get("/users/5").text == "Sorry. the kettle is empty")
        app.debug = false
        #expect(try await TestClient(app).get("/users/5", headers: browser).text == "Sorry. ")
    }

    @Test("the app's own responses stay unchanged") func appOwnResponsesStay() async throws {
        var app = makeApp()
        app.get("/refused") { _ in try abort(.internalServerError, "Not today.") }
        app.onError(Broken.self) { _, _ in "mended" }
        let client = try TestClient(app)
        #expect(try await client.get("/refused", headers: browser).text == "Not today.")
        #expect(try await client.get("/missing", headers: browser).text == "Not Found")
        #expect(try await client.get("/users/5", headers: browser).text == "mended")
    }

    @Test("shows the error of an error handler and of a hook too") func showsTheErrorOfAnError() async throws {
        var app = makeApp()
        app.onError(.notFound) { _, _ -> String in throw Broken(description: "in the handler") }
        app.after { request, _ in if request.path == "/hook" { throw Broken(description: "in the hook") } }
        app.get("/hook") { _ in "x" }
        let client = try TestClient(app)
        #expect(try await client.get("/missing", headers: browser).text.contains("<h1>in the handler</h1>"))
        #expect(try await client.get("/missing", headers: browser).text.contains("<code>none</code>"))
        #expect(try await client.get("/hook", headers: browser).text.contains("<h1>in the hook</h1>"))
    }

    @Test("the route of a mounted app has its prefix") func theRoute() async throws {
        var shop = Blueprint(prefix: "/shop")
        shop.get("/<path:rest>") { (_, rest: String) -> String in throw Broken(description: rest) }
        var inner = App(bare: ())
        inner.debug = true
        inner.register(shop)
        var outer = App(bare: ())
        outer.mount("/群", inner)
        let page = try await TestClient(outer).get("/%E7%BE%A4/shop/a/b", headers: browser).text
        #expect(page.contains("<code>/%E7%BE%A4/shop/a/b</code>"))
        #expect(page.contains("<code>/群/shop/&lt;path:rest&gt;</code>"))
    }

    private func get(
        _ target: String, headers: HTTPFields = [:], error: any Error = Broken(description: "the kettle is empty")
    ) async throws -> TestResponse {
        var headers = headers
        headers[.accept] = browser[.accept]
        return try await makeClient(error: error).get(target, headers: headers)
    }

    private func makeClient(
        debug: Bool = true, error: any Error = Broken(description: "the kettle is empty")
    ) throws -> TestClient {
        var app = makeApp(error: error)
        app.debug = debug
        return try TestClient(app)
    }

    private func makeApp(error: any Error = Broken(description: "the kettle is empty")) -> App {
        var app = App(bare: ())
        app.debug = true
        app.get("/users/<int:id>") { (_, _: Int) -> String in throw error }
        return app
    }

    private func row(_ name: String, _ value: String) -> String {
        "<tr><th scope=\"row\">\(name)</th><td><code>\(value)</code></td></tr>"
    }
}

extension String {
    /// Returns the number of occurrences of a text in this one.
    fileprivate func count(of text: String) -> Int {
        ranges(of: text).count
    }
}
