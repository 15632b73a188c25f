import CarafeApp
import CarafeHTTP
import CarafeTesting
import HTTPTypes
import NIOCore
import Synchronization
import Testing

@Suite("JSON replies", .timeLimit(.minutes(10)))
struct JSONReplyTests {
    @Test("encodes JSON") func encodesJSON() async throws {
        let response = try Response(.accepted, json: ["a": 1])
        #expect(response.headers[.contentType] == "application/json")
        #expect(String(buffer: try await response.body.collect()) == #"{"a":1}"#)
    }

    @Test(
        "a long value is encoded beside the event loop, a short one on it",
        arguments: [(count: 1, beside: 0), (count: 100_000, beside: 100_000)])
    func place(_ count: Int, beside: Int) async throws {
        let places = Places()
        var app = App(bare: ())
        app.after { request, _ in places.note(request.connection.eventLoop) }
        let values: @Sendable (Request) -> [Value] = { request in
            Array(repeating: Value(loop: request.connection.eventLoop, places: places), count: count)
        }
        app.get("/") { request in values(request) }
        app.get("/new") { request in (.created, values(request)) }
        let client = try TestClient(app)
        for (path, status) in [("/", HTTPResponse.Status.ok), ("/new", .created)] {
            let response = try await client.get(path)
            #expect(response.status == status)
            #expect(response.headers[.contentType] == "application/json")
            #expect(try response.json([String].self).count == count)
            let found = places.take()
            #expect(found.filter { !$0 }.count == beside)
            // The hook after it.
            #expect(found.last == true)
        }
    }

    @Test("an error of a long value's encoding is an error of the handler")
    func error() async throws {
        var app = App(bare: ())
        app.get("/") { _ in [Element.text(String(repeating: "x", count: 100_000)), .broken] }
        #expect(try await TestClient(app).get("/").status == .internalServerError)
    }

    private enum Element: Encodable {
        case text(String)
        case broken

        func encode(to encoder: any Encoder) throws {
            guard case .text(let text) = self else { throw HTTPError(.internalServerError) }
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }

    /// Notes where it is encoded.
    private struct Value: Encodable {
        let loop: any EventLoop
        let places: Places

        func encode(to encoder: any Encoder) throws {
            places.note(loop)
            var container = encoder.singleValueContainer()
            try container.encode("text")
        }
    }

    private final class Places: Sendable {
        private let all = Mutex<[Bool]>([])

        /// Notes whether this is the event loop.
        func note(_ loop: any EventLoop) { all.withLock { $0.append(loop.inEventLoop) } }

        func take() -> [Bool] {
            all.withLock { all in
                defer { all = [] }
                return all
            }
        }
    }
}
