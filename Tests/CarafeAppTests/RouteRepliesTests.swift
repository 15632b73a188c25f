import CarafeApp
import CarafeTesting
import HTTPTypes
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct RouteRepliesTests {
    private struct Person: Codable, Equatable {
        var name: String
    }

    /// A type that is both: what it says of itself wins over JSON.
    private struct Both: Reply, Encodable {
        func response(to request: Request) -> Response { Response(text: "reply") }
    }

    @Test("a string is plain text") func stringIsPlain() async throws {
        let response = try await get { $0.get("/") { _ in "<b>" } }
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(response.text == "<b>")
    }

    @Test("a response is itself") func aResponseIsItself() async throws {
        let response = try await get { $0.get("/") { _ in Response(.accepted, html: "<p>") } }
        #expect(response.status == .accepted)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
    }

    @Test("encodable is JSON") func encodableIsJSON() async throws {
        let response = try await get { $0.get("/") { _ in Person(name: "Ann") } }
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.text == #"{"name":"Ann"}"#)
    }

    @Test("collections, numbers and optionals are JSON") func collectionsNumbersAndOptionals() async throws {
        #expect(try await get { $0.get("/") { _ in [1, 2] } }.text == "[1,2]")
        #expect(try await get { $0.get("/") { _ in ["a"] } }.text == #"["a"]"#)
        #expect(try await get { $0.get("/") { _ in ["a": true] } }.text == #"{"a":true}"#)
        #expect(try await get { $0.get("/") { _ in 5 } }.text == "5")
        #expect(try await get { $0.get("/") { _ in Person?.none } }.text == "null")
    }

    @Test("a status may stand before a reply") func statusAndReply() async throws {
        let response = try await get { $0.get("/") { _ in (.created, "made") } }
        #expect(response.status == .created)
        #expect(response.text == "made")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
    }

    @Test("a status may stand before a value") func statusAndJSON() async throws {
        let response = try await get { $0.get("/") { _ in (.created, Person(name: "Ann")) } }
        #expect(response.status == .created)
        #expect(try response.json(Person.self) == Person(name: "Ann"))
    }

    @Test("a handler that returns nothing is 204") func nothingIs204() async throws {
        let response = try await get { $0.route(methods: [.get], "/") { _ in } }
        #expect(response.status == .noContent)
        #expect(response.body.readableBytes == 0)
        #expect(response.headers[.contentType] == nil)
    }

    @Test("a bare status is a reply") func aBareStatus() async throws {
        #expect(try await get { $0.get("/") { _ in HTTPResponse.Status.accepted } }.status == .accepted)
    }

    @Test("bytes are a reply") func bytes() async throws {
        let response = try await get { $0.get("/") { _ in ByteBuffer(bytes: [0, 255]) } }
        #expect(response.headers[.contentType] == "application/octet-stream")
        #expect(response.body == ByteBuffer(bytes: [0, 255]))
    }

    @Test("a stream is a reply") func aStream() async throws {
        let response = try await get { app in
            app.get("/") { _ in
                Response(headers: [.contentType: "text/plain"]) { writer in
                    for number in 1...3 { try await writer.write("\(number),") }
                }
            }
        }
        #expect(response.text == "1,2,3,")
    }

    @Test("a reply wins over JSON") func replyWinsOver() async throws {
        #expect(try await get { $0.get("/") { _ in Both() } }.text == "reply")
        #expect(try await get { $0.get("/") { _ in (.created, Both()) } }.text == "reply")
    }

    @Test("a handler that only throws is a route") func handlerThatOnly() async throws {
        #expect(try await get { $0.get("/") { _ in try abort(.forbidden, "Members only.") } }.status == .forbidden)
    }

    @Test("several statements are inferred too") func severalStatementsAreInferred() async throws {
        let response = try await get { app in
            app.get("/") { request in
                let name = request.query["name"] ?? "Ann"
                return Person(name: name)
            }
        }
        #expect(response.text == #"{"name":"Ann"}"#)
    }

    private func get(_ setUp: (inout App) -> Void) async throws -> TestResponse {
        var app = App(bare: ())
        setUp(&app)
        return try await TestClient(app).get("/")
    }

    @Test("a literal with values of several types stops the start, where the compiler only warned")
    @available(*, deprecated) func mixedLiterals() {
        for setUp: (inout App) -> Void in [
            { $0.post("/") { _ in ["a": 1, "b": "x"] } }, { $0.route(methods: [.put], "/") { _ in [1, "x"] } },
        ] {
            var app = App(bare: ())
            setUp(&app)
            let error = #expect(throws: (any Error).self) { try app.makeHandler() }
            #expect(error.map { "\($0)" }?.contains("found a literal with values of several types") == true)
        }
    }
}
