import CarafeApp
import CarafeHTTP
import CarafeTesting
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct RedirectTests {
    private func client() throws -> TestClient {
        var app = App(bare: ())
        app.get("/here") { _ in redirect("/b") }
        app.get("/permanent") { _ in redirect("/d", .permanentRedirect) }
        app.get("/to") { request in redirect(request.query["to"] ?? "") }
        app.get("/external") { request in redirect(external: request.query["to"] ?? "", .found) }
        app.onError(RedirectError.self) { _, error in "\(error)" }
        return try TestClient(app)
    }

    @Test("the status is 303 by default") func is303Unless() async throws {
        let client = try client()
        let see = try await client.get("/here")
        #expect(see.status == .seeOther)
        #expect(see.headers[.location] == "/b")
        let permanent = try await client.get("/permanent")
        #expect(permanent.status == .permanentRedirect)
        #expect(permanent.headers[.location] == "/d")
    }

    @Test(
        "a redirect leads to a path of this site",
        arguments: ["/", "/b", "/b?x=1%26y", "/b%23top", "/a//b", "/a/%5Cb", "/b/%E7%BE%A4"])
    func leadsToAPath(target: String) async throws {
        let response = try await client().get("/to?to=\(target)")
        #expect(response.status == .seeOther)
        #expect(response.headers[.location] == Form("to=\(target)")["to"].map(URIText.encoded))
    }

    @Test(
        "leads nowhere else",
        arguments: [
            "", "b", "?x=1", "//evil.example", "/%5Cevil.example", "%5C%5Cevil.example", "/%09/evil.example",
            "/%0A/evil.example", "%09//evil.example", "%20//evil.example", "https:evil.example", "https://evil.example",
            "javascript:alert(1)", "/b%0D%0ASet-Cookie:%20x=y", "/b%00", "/b%7F",
        ])
    func leadsNowhereElse(target: String) async throws {
        let response = try await client().get("/to?to=\(target)")
        #expect(response.headers[.location] == nil && response.headers[.setCookie] == nil)
        #expect(response.text.hasPrefix("expected a path of this site such as \"/there\" for redirect, found "))
        #expect(response.text.hasSuffix("; another site is redirect(external:)"))
    }

    @Test("an unsafe redirect is an error that the client does not see") func isAnError() async throws {
        var app = App(bare: ())
        app.get("/") { _ in redirect("https://example.com/secret") }
        let response = try await TestClient(app).get("/")
        #expect(response.status == .internalServerError && response.text == "Internal Server Error")
    }

    @Test(
        "an external redirect leads to another site",
        arguments: ["https://example.com", "http://example.com:8080/a?b=c", "HTTPS://example.com/", "https://[::1]/"])
    func leadsToAnotherSite(target: String) async throws {
        let response = try await client().get("/external?to=\(target)")
        #expect(response.status == .found && response.headers[.location] == target)
    }

    @Test("RFC 9110 §10.2.2: Location is percent-encoded, once") func isEncoded() async throws {
        var app = App(bare: ())
        app.get("/path") { _ in redirect("/群聊") }
        app.get("/space") { _ in redirect("/a b?c=d e") }
        app.get("/done") { _ in redirect("/%E7%BE%A4") }
        app.get("/external") { _ in redirect(external: "https://[::1]:8080/群 x") }
        app.get("/host") { _ in redirect(external: "https://münchen.example/") }
        app.get("/<name>/") { (_, _: String) in "slash" }
        app.onError(RedirectError.self) { _, error in "\(error)" }
        let client = try TestClient(app)
        for (path, location) in [
            ("/path", "/%E7%BE%A4%E8%81%8A"), ("/space", "/a%20b?c=d%20e"), ("/done", "/%E7%BE%A4"),
            ("/external", "https://[::1]:8080/%E7%BE%A4%20x"), ("/群?q=聊", "/%E7%BE%A4/?q=%E8%81%8A"),
        ] {
            #expect(try await client.get(path).headers[.location] == location)
        }
        #expect(try await client.get("/host").text.contains("xn--"))
    }

    @Test(
        "a text that is not a URL is refused",
        arguments: [
            "", "/b", "//example.com", "https:/example.com", "https:///example.com", "https://",
            "https://%5Cexample.com",
            "javascript:alert(1)", "ftp://example.com", "https://example.com/%0D%0AX: y", "https://a%20b", "https://@b",
            "http://%5Cb", "https://:80",
        ])
    func isNoURL(target: String) async throws {
        let response = try await client().get("/external?to=\(target.replacing(" ", with: "+"))")
        #expect(response.headers[.location] == nil)
        #expect(response.text.hasPrefix("expected an http or https URL for redirect(external:), found "))
    }
}
