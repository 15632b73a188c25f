import Carafe
import CarafeTesting
import CarafeWebSocket
import Demos
import Testing

@Suite("EchoApp", .timeLimit(.minutes(10)))
struct EchoAppTests {
    @Test("the page comes in both languages")
    func page() async throws {
        try await expectPage(TestClient(makeEchoApp()), "/", english: "Echo", chinese: "回声")
    }

    @Test("text and binary come back as they were")
    func echoes() async throws {
        try await TestClient(makeEchoApp()).webSocket("/my_socket") { socket in
            for message in [Message.text("你好 👋"), .text(""), .text("{\"a\": 1}"), .binary([0, 159, 255]), .binary([])] {
                try await socket.send(message)
                #expect(try await socket.receive() == message)
            }
        }
    }

    private struct Report: Decodable, Equatable {
        var method: String
        var path: String
        var query: [String: [String]]
        var peerAddress: String?
        var headers: [String: [String]]
    }

    @Test("a plain GET answers JSON with the request's method, path, query, peer address and headers")
    func report() async throws {
        let client = try TestClient(makeEchoApp())
        let response = try await client.get("/my_socket?a=1&a=2&b=%E4%B8%96", headers: [.userAgent: "test"])
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/json")
        let report = try response.json(Report.self)
        #expect(report.method == "GET")
        #expect(report.path == "/my_socket")
        #expect(report.query == ["a": ["1", "2"], "b": ["世"]])
        #expect(report.peerAddress == "127.0.0.1")
        #expect(report.headers["User-Agent"] == ["test"])
        #expect(report.headers["Host"] == ["localhost"])
    }
}
