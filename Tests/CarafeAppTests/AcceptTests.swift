import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

/// `Accept` of CarafeHTTP, met as users meet it: in the handler of an app.
@Suite(.timeLimit(.minutes(10))) struct AcceptTests {
    @Test(
        "RFC 9110 §12.5.1",
        arguments: [
            (nil, "text/html"), ("", "text/html"), ("*/*", "text/html"), ("application/json", "application/json"),
            ("APPLICATION/JSON", "application/json"), ("text/*", "text/html"), ("application/*", "application/json"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
            ("text/html;q=0.5, application/json", "application/json"), ("image/png", "none"),
            ("text/html;q=0, */*", "application/json"), ("text/html;q=0", "none"), ("*/*;q=0", "none"),
            ("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/html"),
            ("text/html;q=0.1, text/*;q=0.9, */*;q=0.5", "application/json"),
            ("text/html;level=1, text/*;q=0.2, application/json;q=0.1", "text/html"),
            ("application/json;q=0.9999, text/html;q=0.999", "text/html"), ("texthtml", "none"), (";;,", "text/html"),
            (#"text/plain;x="application/json,*/*""#, "none"), ("text/", "none"), ("*", "none"),
        ] as [(String?, String)])
    func choosesByQuality(field: String?, type: String) async throws {
        #expect(try await choose(["text/html", "application/json"], field) == type)
    }

    @Test(
        "parameters are compared",
        arguments: [
            ("text/html;level=2", "text/html; level=2"),
            ("text/html;level=1;q=0.1, text/html;q=0.5", "text/html; level=2"),
            ("text/html;LEVEL=1", "text/html;level=1"),
        ])
    func parametersAreCompared(field: String, type: String) async throws {
        #expect(try await choose(["text/html;level=1", "text/html; level=2"], field) == type)
    }

    @Test("an empty list has no choice") func amongNothingThere() async throws {
        #expect(try await choose([], "*/*") == "none")
    }

    private func choose(_ types: [String], _ field: String?) async throws -> String {
        var app = App(bare: ())
        app.get("/") { request in request.accepts(among: types) ?? "none" }
        return try await TestClient(app).get("/", headers: field.map { [.accept: $0] } ?? [:]).text
    }
}
