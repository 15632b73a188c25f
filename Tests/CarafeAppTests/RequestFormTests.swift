import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct RequestFormTests {
    @Test("reads a form") func readsAForm() async throws {
        let response = try await post("name=Ann+B&note=%26") { request in
            let form = try await request.form()
            return [form["name"] ?? "", form["note"] ?? ""]
        }
        #expect(try response.json([String].self) == ["Ann B", "&"])
    }

    @Test("reads a form into a type") func readsAFormInto() async throws {
        struct Order: Codable {
            var name: String
            var count: Int
        }
        var app = App(bare: ())
        app.post("/") { request in try await request.form(as: Order.self) }
        app.get("/") { request in try request.query.decode(Order.self) }
        let client = try TestClient(app)
        #expect(try await client.post("/", body: "name=tea&count=2").json(Order.self).count == 2)
        #expect(try await client.get("/?name=tea&count=3").json(Order.self).count == 3)
        let wrong = try await client.post("/", body: "name=tea&count=two")
        #expect(wrong.status == .badRequest && wrong.text == "Invalid form at count: expected a number.")
    }

    @Test("the number of fields is bounded") func numberOfFields() async throws {
        var app = App(bare: ())
        app.post("/") { request in "\(try await request.form().pairs.count)" }
        let client = try TestClient(app)
        let many = [String](repeating: "a", count: 1000).joined(separator: "&")
        #expect(try await client.post("/", body: many).text == "1000")
        #expect(try await client.post("/", body: many + "&a").status == .contentTooLarge)
    }

    @Test("a name of a field is bounded") func aName() async throws {
        let name = String(repeating: "n", count: 256)
        let response = try await post(name + "=1") { request in try await request.form().pairs.count }
        #expect(response.text == "1")
        let longer = try await post(name + "n=1") { request in try await request.form().pairs.count }
        #expect(longer.status == .badRequest && longer.text == "Expected names of at most 256 bytes.")
    }

    @Test("a multipart form is not read as an urlencoded one") func multipartForm() async throws {
        var app = App(bare: ())
        app.post("/") { request in "\(try await request.form().pairs.count)" }
        let client = try TestClient(app)
        let headers: HTTPFields = [.contentType: "Multipart/Form-Data; boundary=x"]
        #expect(try await client.post("/", headers: headers, body: "--x--").status == .unsupportedMediaType)
    }

    private func post<Output: Encodable & SendableMetatype>(
        _ body: String, _ handler: @escaping @Sendable (Request) async throws -> Output
    ) async throws -> TestResponse {
        var app = App(bare: ())
        app.post("/", handler)
        return try await TestClient(app).post("/", body: body)
    }
}
