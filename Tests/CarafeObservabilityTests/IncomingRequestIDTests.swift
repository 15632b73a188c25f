import CarafeApp
import CarafeObservability
import CarafeTesting
import HTTPTypes
import Logging
import Testing

@Suite("IncomingRequestID", .timeLimit(.minutes(10)))
struct IncomingRequestIDTests {
    private func client() throws -> TestClient {
        var app = App(bare: ())
        try app.install(IncomingRequestID())
        app.get("/") { request in
            request.logger.info("at work")
            return request.id
        }
        app.get("/broken") { _ -> String in throw CancellationErrorOfOurs() }
        return try TestClient(app)
    }

    private struct CancellationErrorOfOurs: Error {}

    @Test("an id that comes is the request's, in its log too", arguments: ["a", "01F8-x_y.z:A/b+c=@", "0"])
    func taken(id: String) async throws {
        let client = try client()
        #expect(try await client.get("/", headers: [.xRequestID: id]).text == id)
        #expect(client.log.map { $0.metadata["request.id"] } == [id])
        #expect(try await client.get("/broken", headers: [.xRequestID: id]).error?.contains("OfOurs") == true)
    }

    @Test(
        "what could disturb a log is not taken",
        arguments: ["", "a b", "a\"", "ä", "<a>", "a,b", String(repeating: "a", count: 129)])
    func refused(id: String) async throws {
        let client = try client()
        let own = try await client.get("/", headers: [.xRequestID: id]).text
        #expect(own.count == 16 && own != id)
        var twice: HTTPFields = [:]
        twice[values: .xRequestID] = ["a", "b"]
        #expect(try await client.get("/", headers: twice).text.count == 16)
    }
}
