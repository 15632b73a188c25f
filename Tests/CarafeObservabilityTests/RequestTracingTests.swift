import CarafeApp
import CarafeObservability
import CarafeTesting
import HTTPTypes
import InMemoryTracing
import Instrumentation
import Testing
import Tracing

@Suite(.timeLimit(.minutes(1))) struct RequestTracingTests {
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

    @Test func aRequestIsASpanAndWhatItsHandlerDoesIsInside() async throws {
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

    @Test func aServersFaultFailsTheSpan() async throws {
        _ = try await client().get("/users/0")
        let span = try #require(tracer.finishedSpans.last)
        #expect(span.status?.code == .error)
        _ = try await client().get("/none")
        #expect(tracer.finishedSpans.last?.operationName == "GET" && tracer.finishedSpans.last?.status == nil)
    }

    @Test func goesOnWithTheClientsTrace() async throws {
        let trace = try #require(HTTPField.Name(InMemoryTracer.traceIDKey))
        let parent = try #require(HTTPField.Name(InMemoryTracer.spanIDKey))
        _ = try await client().get("/users/5", headers: [trace: "trace-of-the-client", parent: "span-of-the-client"])
        let span = try #require(tracer.finishedSpans.last)
        #expect(span.traceID == "trace-of-the-client" && span.parentSpanID == "span-of-the-client")
    }
}
