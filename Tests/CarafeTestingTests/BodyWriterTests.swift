import Carafe
import CarafeTesting
import FoundationEssentials
import NIOCore
import Synchronization
import TestSupport
import Testing

/// `BodyWriter` of CarafeHTTP as the server makes it: over a socket.
@Suite("BodyWriter", .timeLimit(.minutes(10)))
struct BodyWriterTests {
    @Test("any task may write, and the write returns")
    func anyTask() async throws {
        var app = App()
        app.get("/") { _ in
            Response { writer in
                try await Task { try await writer.write("one ") }.value
                try await Task.detached { try await writer.write("two") }.value
            }
        }
        try await withServer(app) { url async throws in
            let socket = try await SocketClient.connect(port: url.port ?? 0)
            try await socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await socket.receive(until: "0\r\n\r\n").hasSuffix("\r\n\r\n4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"))
            try await socket.close()
        }
    }

    @Test("a write after the client has left throws, and does not wait")
    func clientIsGone() async throws {
        let clients = Mutex<[ResettingClient]>([])
        let connected = Gate()
        let (outcomes, outcome) = AsyncStream.makeStream(of: String.self)
        var app = App()
        app.get("/") { _ in
            Response { writer in
                await connected.wait()
                // From here on the event loop hears nothing before the write does.
                for client in clients.withLock({ $0 }) { client.reset() }
                do {
                    try await writer.write(ByteBuffer(repeating: 0, count: 1 << 20))
                    outcome.yield("written")
                } catch {
                    outcome.yield("\(error)")
                }
            }
        }
        try await withServer(app) { url async throws in
            let client = try ResettingClient(port: url.port ?? 0, sending: "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            clients.withLock { $0.append(client) }
            connected.open()
            var all = outcomes.makeAsyncIterator()
            #expect(await all.next() == "\(ChannelError.ioOnClosedChannel)")
        }
    }

    @Test("a writer that is kept past its response cannot write into the next")
    func strayWrite() async throws {
        let gate = Gate()
        let (outcomes, outcome) = AsyncStream.makeStream(of: String.self)
        var app = App()
        app.get("/") { _ in
            Response { writer in
                Task {
                    await gate.wait()
                    do {
                        try await writer.write("stray")
                        outcome.yield("written")
                    } catch {
                        outcome.yield("\(error)")
                    }
                }
                try await writer.write("one")
            }
        }
        app.get("/two") { _ in "two" }
        try await withServer(app) { url async throws in
            let socket = try await SocketClient.connect(port: url.port ?? 0)
            try await socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = await socket.receive(until: "0\r\n\r\n")
            gate.open()
            var all = outcomes.makeAsyncIterator()
            #expect(await all.next() == "\(ChannelError.ioOnClosedChannel)")
            try await socket.send("GET /two HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = await socket.receiveResponse()
            #expect(response.head.hasPrefix("HTTP/1.1 200 OK\r\n") && response.body == "two")
            try await socket.close()
        }
    }
}
