import BareServer
import Carafe
import Plugin
import Testing

@Suite("BareServer", .timeLimit(.minutes(10)))
struct BareServerTests {
    private let lines = LineCount()

    private func makeApp() throws -> App {
        var app = App()
        try app.install(lines)
        app.get("/") { _ in "hello" }
        app.get("/rows") { _ in
            Response { writer in for row in 1...2 { try await writer.write("row \(row)\n") } }
        }
        app.post("/echo") { request in
            Response { writer in for try await piece in request.body { try await writer.write(piece) } }
        }
        app.post("/short", bodyLimit: 3) { request in try await request.body.text() }
        return app
    }

    @Test("an app answers under another server, twice on one connection")
    func answers() async throws {
        try await withClient { client in
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.receive(until: "hello")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\nhello"))
            #expect(answer.lowercased().contains("\r\ncontent-length: 5\r\n"))
            try await client.send("GET /missing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try await client.receive().hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        }
    }

    @Test("a streamed body goes out in chunks, and not for HEAD")
    func streams() async throws {
        try await withClient { client in
            try await client.send("GET /rows HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answer = try await client.receive()
            #expect(answer.hasSuffix("\r\n\r\n6\r\nrow 1\n\r\n6\r\nrow 2\n\r\n0\r\n\r\n"))
        }
        try await withClient { client in
            try await client.send("HEAD /rows HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.receive()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\n"))
            #expect(!answer.contains("row") && !answer.contains("\r\n0\r\n"))
        }
        try await withClient { client in
            try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answer = try await client.receive()
            #expect(answer.lowercased().contains("content-length: 5\r\n") && answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("a body is read piece by piece while the response is written")
    func bodies() async throws {
        try await withClient { client in
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n")
            #expect(try await client.receive(until: "one\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            try await client.send("4\r\ntwo\n\r\n0\r\n\r\n")
            #expect(try await client.receive(until: "0\r\n\r\n") == "\r\n4\r\ntwo\n\r\n0\r\n\r\n")
            // The limit of a route holds, and what the handler left of the body is skipped.
            try await client.send("POST /short HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nlongGET / HTTP/1.1\r\n")
            #expect(try await client.receive(until: "at most 3 bytes.").hasPrefix("HTTP/1.1 413"))
            try await client.send("Host: a\r\n\r\n")
            #expect(try await client.receive(until: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        #expect(lines.count == 2)
    }

    /// Serves the app while `body` runs with a connection to it.
    private func withClient(_ body: (SocketClient) async throws -> Void) async throws {
        let app = try makeApp()
        let server = BareServer(try app.makeHandler())
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup { group in
            group.addTask {
                defer { found.finish() }
                try await app.aroundServing { try await server.run { found.yield($0) } }
            }
            for await port in ports {
                try await SocketClient.connect(to: port, body)
                break
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
