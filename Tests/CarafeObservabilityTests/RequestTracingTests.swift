import CarafeApp
import CarafeObservability
import CarafeTesting
import HTTPTypes
import InMemoryTracing
import Instrumentation
import TestSupport
import Testing
import Tracing

@Suite(.timeLimit(.minutes(10))) struct RequestTracingTests {
    private let tracer = InMemoryTracer()

    private func client() throws -> TestClient {
        var app = App(bare: ())
        try app.install(RequestTracing(tracer: tracer))
        app.get("/users/<int:id>") { [tracer] (_, id: Int) in
            tracer.withSpan("query") { _ in }
            if id == 0 { throw HTTPError(.badGateway) }
            return "user"
        }
        return try TestClient(app)
    }

    @Test("a request is a span that contains the spans of its handler") func aRequest() async throws {
        _ = try await client().get("/users/5")
        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["query", "GET /users/<int:id>"])
        let (query, request) = (spans[0], spans[1])
        #expect(query.parentSpanID == request.spanID && query.traceID == request.traceID)
        #expect(request.kind == .server)
        #expect(request.attributes.get("http.route")?.toSpanAttribute() == .string("/users/<int:id>"))
        #expect(request.attributes.get("url.path")?.toSpanAttribute() == .string("/users/5"))
        #expect(request.attributes.get("http.response.status_code")?.toSpanAttribute() == .int64(200))
    }

    @Test("a fault of the server fails the span") func serversFaultFails() async throws {
        _ = try await client().get("/users/0")
        let span = try #require(tracer.finishedSpans.last)
        #expect(span.status?.code == .error)
        _ = try await client().get("/none")
        #expect(tracer.finishedSpans.last?.operationName == "GET" && tracer.finishedSpans.last?.status == nil)
    }

    @Test("continues the client's trace") func goes() async throws {
        let trace = try #require(HTTPField.Name(InMemoryTracer.traceIDKey))
        let parent = try #require(HTTPField.Name(InMemoryTracer.spanIDKey))
        _ = try await client().get("/users/5", headers: [trace: "trace-of-the-client", parent: "span-of-the-client"])
        let span = try #require(tracer.finishedSpans.last)
        #expect(span.traceID == "trace-of-the-client" && span.parentSpanID == "span-of-the-client")
    }

    @Test("a streamed body is made inside the span, which ends after it")
    func streams() async throws {
        struct Broken: Error {}
        let gate = Gate()
        var app = App(bare: ())
        try app.install(RequestTracing(tracer: tracer))
        app.get("/stream") { [tracer] _ in
            Response { writer in
                try await writer.write("first")
                await gate.wait()
                tracer.withSpan("row") { _ in }
                try await writer.write("last")
            }
        }
        app.get("/broken") { _ in Response { _ in throw Broken() } }
        let client = try TestClient(app)
        try await client.stream("/stream") { stream async throws in
            #expect(try await stream.nextText() == "first")
            #expect(tracer.finishedSpans.isEmpty)
            gate.open()
            #expect(try await stream.nextText() == "last")
            #expect(try await stream.nextText() == nil)
        }
        let spans = tracer.finishedSpans
        #expect(spans.map(\.operationName) == ["row", "GET /stream"])
        #expect(spans.first?.parentSpanID == spans.last?.spanID && spans.last?.status == nil)
        await #expect(throws: Broken.self) { try await client.get("/broken") }
        #expect(tracer.finishedSpans.last?.status?.code == .error)
        #expect(tracer.finishedSpans.last?.errors.count == 1)
    }

    @Test("a client that leaves a stream ends the span, and is no error")
    func leaves() async throws {
        var app = App(bare: ())
        try app.install(RequestTracing(tracer: tracer))
        app.get("/endless") { _ in
            Response { writer in
                while true { try await writer.write("x") }
            }
        }
        try await TestClient(app).stream("/endless") { stream in _ = try await stream.next() }
        #expect(tracer.finishedSpans.map(\.operationName) == ["GET /endless"])
        #expect(tracer.finishedSpans.first?.status == nil)
    }
}
