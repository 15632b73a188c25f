import CarafeHTTP
import NIOCore
import TestSupport
import Testing

@Suite("RequestLoop", .timeLimit(.minutes(10)))
struct RequestLoopTests {
    @Test("the answers to the requests of one read leave in their order, in one write")
    func pipelining() async throws {
        let connection = try await TestConnection { Response(text: $0.path) }
        try await connection.send(["/a", "/b", "/c"].map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        let write = String(buffer: try #require(try await connection.receivedWrite()))
        #expect(write.split(separator: "\r\n\r\n").compactMap(\.first) == ["H", "/", "/", "/"])
        #expect(try await connection.receivedWrite() == nil)
    }

    @Test("no request is taken before the one in front of it is answered")
    func order() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            if request.path == "/slow" { await gate.wait() }
            return Response(text: request.path)
        }
        try await connection.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /fast HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await connection.received().isEmpty)
        gate.open()
        let answers = try await connection.received(until: "/fast")
        #expect(answers.contains("/slow"))
    }

    @Test("the socket is not asked for bytes while 64 KiB wait, and is asked after the answer")
    func backpressure() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            if request.path == "/slow" { await gate.wait() }
            return Response(text: request.path)
        }
        try await connection.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await connection.asksForBytes())
        let next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
        try await connection.send(String(repeating: next, count: (64 << 10) / next.utf8.count + 1))
        #expect(try await !connection.asksForBytes())
        gate.open()
        _ = try await connection.received(until: "/next")
        #expect(try await connection.asksForBytes())
    }
}
