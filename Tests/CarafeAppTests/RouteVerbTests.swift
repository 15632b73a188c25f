import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(10))) struct RouteVerbTests {
    private struct Point: Codable, Equatable {
        var x: Int
    }

    @Test("each verb answers its method only") func eachVerbAnswers() async throws {
        var app = App(bare: ())
        app.get("/v") { _ in "get" }
        app.post("/v") { _ in "post" }
        app.put("/v") { _ in "put" }
        app.patch("/v") { _ in "patch" }
        app.delete("/v") { _ in "delete" }
        let client = try TestClient(app)
        #expect(try await client.get("/v").text == "get")
        #expect(try await client.post("/v").text == "post")
        #expect(try await client.put("/v").text == "put")
        #expect(try await client.patch("/v").text == "patch")
        #expect(try await client.delete("/v").text == "delete")
    }

    @Test("one route takes several methods") func oneRouteTakesSeveral() async throws {
        var app = App(bare: ())
        app.route(methods: [.get, .post], "/v") { request in "\(request.method)" }
        let client = try TestClient(app)
        #expect(try await client.get("/v").text == "GET")
        #expect(try await client.post("/v").text == "POST")
        #expect(try await client.put("/v").status == .methodNotAllowed)
    }

    @Test("every verb infers every form of reply") func everyVerbInfersEvery() async throws {
        var app = App(bare: ())
        app.get("/<form>/reply") { (_, form: String) in form }
        app.post("/<form>/json") { (_, form: String) in Point(x: form.count) }
        app.put("/<form>/nothing") { (_, _: String) in }
        app.patch("/<form>/status") { (_, form: String) in (.accepted, form) }
        app.delete("/<form>/status") { (_, form: String) in (.accepted, Point(x: form.count)) }
        let client = try TestClient(app)
        #expect(try await client.get("/a/reply").text == "a")
        #expect(try await client.post("/ab/json").json(Point.self) == Point(x: 2))
        #expect(try await client.put("/a/nothing").status == .noContent)
        #expect(try await client.patch("/a/status").status == .accepted)
        #expect(try await client.delete("/abc/status").json(Point.self) == Point(x: 3))
    }

    @Test("handlers may suspend and throw") func handlersMaySuspend() async throws {
        var app = App(bare: ())
        app.get("/a") { _ in
            await Task.yield()
            return "a"
        }
        app.get("/b/<int:n>") { (_, n: Int) in
            guard n > 0 else { throw HTTPError(.badRequest, "Too small.") }
            return n
        }
        let client = try TestClient(app)
        #expect(try await client.get("/a").text == "a")
        #expect(try await client.get("/b/1").text == "1")
        #expect(try await client.get("/b/0").status == .badRequest)
    }

    @Test("a function is a handler too") func aFunction() async throws {
        var app = App(bare: ())
        app.get("/hello/<name>", hello)
        #expect(try await TestClient(app).get("/hello/Ann").text == "Hello, Ann!")
    }

    @Sendable private func hello(_ request: Request, name: String) -> String { "Hello, \(name)!" }
}
