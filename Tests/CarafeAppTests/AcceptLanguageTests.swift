import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

/// `AcceptLanguage` of CarafeHTTP, met as users meet it: in the handler of an app.
@Suite(.timeLimit(.minutes(10))) struct AcceptLanguageTests {
    @Test(
        "RFC 9110 §12.5.4, RFC 4647 §3.4",
        arguments: [
            (nil, "en"), ("", "en"), ("zh", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-US,en;q=0.9,zh;q=0.8", "en"),
            ("en;q=0.5, zh;q=0.8", "zh"), ("zh;q=0.5, en;q=0.8", "en"), ("ZH-hans", "zh"), ("fr", "en"),
            ("fr, zh;q=0.1", "zh"), ("de", "de-CH"), ("de-CH", "de-CH"), ("de-AT", "en"), ("*", "en"),
            ("zh;q=0", "en"), ("en;q=0, zh;q=0.1", "zh"), ("fr, *;q=0.5", "en"), ("en;q=0, *", "zh"),
            ("en;q=0.1, *;q=0.5", "zh"), ("*, zh;q=0.5", "en"), ("zh;q=0.8, *;q=0.5", "zh"),
            ("zh\t;\tq=0.8", "zh"), ("zh;q=bad, en;q=0.1", "en"), (";;;,,,", "en"), ("zhx", "en"), ("z", "en"),
        ] as [(String?, String)])
    func choosesByRange(field: String?, language: String) async throws {
        var app = App(bare: ())
        app.get("/") { request in request.language(among: ["en", "zh", "de-CH"]) ?? "none" }
        let headers: HTTPFields = field.map { [.acceptLanguage: $0] } ?? [:]
        #expect(try await TestClient(app).get("/", headers: headers).text == language)
    }

    @Test("an empty list has no choice") func amongNothingThere() async throws {
        var app = App(bare: ())
        app.get("/") { request in request.language(among: []) ?? "none" }
        #expect(try await TestClient(app).get("/", headers: [.acceptLanguage: "en"]).text == "none")
    }
}
