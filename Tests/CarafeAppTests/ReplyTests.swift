import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

@Suite struct ReplyTests {
    @Test func aRedirectIs303UnlessItSaysOtherwise() async throws {
        var app = App(bare: ())
        app.get("/a") { _ in redirect("/b") }
        app.get("/c") { _ in redirect("/d", .permanentRedirect) }
        let client = try TestClient(app)
        let see = try await client.get("/a")
        #expect(see.status == .seeOther)
        #expect(see.headers[.location] == "/b")
        let permanent = try await client.get("/c")
        #expect(permanent.status == .permanentRedirect)
        #expect(permanent.headers[.location] == "/d")
    }

    @Test("RFC 9110 §5.5: a field value has no CR or LF") func aRedirectCannotSplitTheResponse() async throws {
        var app = App(bare: ())
        app.get("/a") { request in redirect(request.query["to"] ?? "") }
        let response = try await TestClient(app).get("/a?to=/b%0D%0ASet-Cookie:%20x=y")
        #expect(response.headers[.setCookie] == nil)
        #expect(response.headers[.location]?.utf8.contains { $0 == 13 || $0 == 10 } != true)
    }

    @Test func anErrorSaysItsMessageOrTheStatusPhrase() async throws {
        var app = App(bare: ())
        app.get("/a") { _ in try abort(.forbidden, "Members only.") }
        app.get("/b") { _ in try abort(.forbidden) }
        app.get("/c") { _ -> String in throw HTTPError(.tooManyRequests, headers: [.retryAfter: "5"]) }
        let client = try TestClient(app)
        #expect(try await client.get("/a").text == "Members only.")
        #expect(try await client.get("/b").text == "Forbidden")
        let busy = try await client.get("/c")
        #expect(busy.status == .tooManyRequests)
        #expect(busy.headers[.retryAfter] == "5")
    }

    @Test func aTypeOfYourOwn() async throws {
        struct CSV: Reply {
            var rows: [[Int]]

            func response(to request: Request) -> Response {
                let text = rows.map { $0.map(String.init).joined(separator: ",") }.joined(separator: "\n")
                return Response(headers: [.contentType: "text/csv"], body: .text(text))
            }
        }
        var app = App(bare: ())
        app.get("/") { _ in CSV(rows: [[1, 2], [3]]) }
        let response = try await TestClient(app).get("/")
        #expect(response.text == "1,2\n3")
        #expect(response.headers[.contentType] == "text/csv")
    }
}
