import CarafeApp
import CarafeTesting
import HTTPTypes
import Testing

private struct Failure: Error {}

private enum Tenant {
    @TaskLocal static var name = "nobody"
    @TaskLocal static var guest: Guest?

    /// Tells when nobody has it any more.
    final class Guest: Sendable {
        let log: Log

        init(_ log: Log) { self.log = log }

        deinit { log.add("gone") }
    }
}

@Suite("BodyTask", .timeLimit(.minutes(10))) struct BodyTaskTests {
    @Test("a streamed body sees the task-local values that middleware has bound, of the app, a blueprint and a mount")
    func taskLocals() async throws {
        @Sendable func bind(_ name: String) -> Middleware {
            { request, next in try await Tenant.$name.withValue("\(Tenant.name) \(name)") { try await next(request) } }
        }
        @Sendable func rows(_: Request) -> Response {
            Response(stream: { writer in
                try await writer.write(Tenant.name)
                await Task.yield()
                try await writer.write(", " + Tenant.name)
            })
        }
        var inner = App(bare: ())
        inner.use(bind("mount"))
        inner.get("/rows", rows)
        var part = Blueprint(prefix: "/part")
        part.use(bind("part"))
        part.get("/rows", rows)
        var app = App(bare: ())
        app.use(bind("outer"))
        app.use { request, next in
            var response = try await next(request)
            response.body = response.body.wrapped { writer, produce in
                try await writer.write("[\(Tenant.name)] ")
                try await produce(writer)
            }
            return response
        }
        app.use(bind("inner"))
        app.before { request in request.path == "/hook" ? rows(request) : nil }
        app.get("/rows", rows)
        app.get("/hook") { _ in "handler" }
        app.get("/bytes") { _ in Tenant.name }
        app.register(part)
        app.mount("/mount", inner)
        let client = try TestClient(app)
        for path in ["/rows", "/hook"] {
            #expect(try await client.get(path).text == "[nobody] nobody outer inner, nobody outer inner")
        }
        #expect(try await client.get("/bytes").text == "nobody outer inner")
        for name in ["part", "mount"] {
            let all = "nobody outer inner \(name)"
            #expect(try await client.get("/\(name)/rows").text == "[nobody] \(all), \(all)")
        }
    }

    @Test("a streamed body that is not sent keeps nothing")
    func unsentBody() async throws {
        let log = Log()
        var app = App(bare: ())
        app.use { request, next in try await Tenant.$guest.withValue(Tenant.Guest(log)) { try await next(request) } }
        app.get("/") { _ in Response(stream: { writer in try await writer.write("row") }) }
        app.after { request, response in if request.query["bare"] != nil { response.body = .none } }
        let client = try TestClient(app)
        #expect(try await client.head("/").text.isEmpty)
        #expect(try await client.get("/?bare=1").text.isEmpty)
        #expect(try await client.get("/").text == "row")
        #expect(log.lines == ["gone", "gone", "gone"])
    }

    @Test("a streamed body inside middleware is cancelled when its client leaves, and its error breaks it off")
    func endOfStreams() async throws {
        let log = Log()
        var app = App(bare: ())
        app.use { request, next in try await next(request) }
        app.get("/endless") { _ in
            Response(stream: { writer in
                defer { log.add(Task.isCancelled ? "cancelled" : "not cancelled") }
                while !Task.isCancelled { try await writer.write("row") }
            })
        }
        app.get("/broken") { _ in
            Response(stream: { writer in
                try await writer.write("row")
                throw Failure()
            })
        }
        let client = try TestClient(app)
        try await client.stream("/endless") { rows in _ = try await rows.next() }
        #expect(log.lines == ["cancelled"])
        await #expect(throws: Failure.self) { try await client.get("/broken") }
    }
}
