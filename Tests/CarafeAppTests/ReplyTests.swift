import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct ReplyTests {
    @Test("an error is described by its message or the status's phrase") func errorSays() async throws {
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

    @Test("a type of your own is a reply") func typeOfYour() async throws {
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
