import CarafeHTTP
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeServer

@Suite("Server", .timeLimit(.minutes(10)))
struct ServerTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("answers over a real port, and keeps the connection")
    func answers() async throws {
        let server = try await RunningServer.start { Response(text: $0.path) }
        let client = try await SocketClient.connect(port: server.port)
        for path in ["/a", "/b"] {
            try await client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = await client.receiveResponse()
            #expect(response.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.body == path)
        }
        try await client.close()
        try await server.stop()
    }

    @Test("RFC 9112 §9.6: an answer arrives although the client keeps sending, and before the end")
    func answerBeforeBody() async throws {
        // The test shall not depend on how fast the machine is.
        let server = try await RunningServer.start {
            $0.timeouts.linger = .minutes(10)
        } handler: { _ in
            Response(.contentTooLarge, text: "too large")
        }
        let client = try await SocketClient.connect(port: server.port)
        try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
        let piece = ByteBuffer(repeating: 0x61, count: 64 << 10)
        for _ in 1...32 { try await client.send(piece) }
        let response = await client.receiveResponse()
        #expect(response.head.hasPrefix("HTTP/1.1 413 "))
        #expect(response.body == "too large")
        #expect(await client.receive() == nil)
        try await client.close()
        try await server.stop()
    }

    @Test("a client that has closed its sending side reads its answer")
    func halfClose() async throws {
        let gate = Gate()
        let server = try await RunningServer.start { _ in
            await gate.wait()
            return Response(text: "still here")
        }
        let client = try await SocketClient.connect(port: server.port)
        try await client.send(get)
        try await client.finishSending()
        gate.open()
        #expect(await client.receiveAll().hasSuffix("still here"))
        try await client.close()
        try await server.stop()
    }

    @Test("RFC 9112 §9.6: an answer arrives at a client that sends all before it reads any")
    func answerAfterSending() async throws {
        let server = try await RunningServer.start {
            $0.timeouts.linger = .minutes(10)
        } handler: { request in
            for try await _ in request.body { throw HTTPError(.contentTooLarge, "too large") }
            return Response(.noContent)
        }
        let client = try await SocketClient.connect(port: server.port)
        try await client.setReading(false)
        try await client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = ByteBuffer(string: "10000\r\n" + String(repeating: "a", count: 65_536) + "\r\n")
        for _ in 1...100 { try await client.send(chunk) }
        try await client.setReading(true)
        let response = await client.receiveResponse()
        #expect(response.head.hasPrefix("HTTP/1.1 413 "))
        #expect(response.body == "too large")
        #expect(await client.receive() == nil)
        try await client.close()
        try await server.stop()
    }

    @Test("RFC 9112 §8: a body that is broken off shows as such, with whatever framing", arguments: ["1.0", "1.1"])
    func brokenOff(version: String) async throws {
        struct Broken: Error {}
        let server = try await RunningServer.start { request in
            Response { writer in
                try await writer.write("half")
                if request.path == "/broken" { throw Broken() }
            }
        }
        for path in ["/broken", "/whole"] {
            let client = try ResettingClient(
                port: server.port, sending: "GET \(path) HTTP/\(version)\r\nHost: x\r\nConnection: close\r\n\r\n")
            let (text, code) = client.readToEnd()
            let isWhole = code == 0 && (version == "1.0" || text.hasSuffix("\r\n0\r\n\r\n"))
            #expect(isWhole == (path == "/whole"))
            client.reset()
        }
        try await server.stop()
    }

    @Test("RFC 9112 §8: a body without a length is cut when the server's time to stop is over")
    func cutAtStop() async throws {
        let begun = Gate()
        let server = try await RunningServer.start {
            $0.timeouts.shutdown = .milliseconds(100)
        } handler: { _ in
            Response { writer in
                try await writer.write("half")
                begun.open()
                await Gate().wait()
            }
        }
        let client = try ResettingClient(port: server.port, sending: "GET / HTTP/1.0\r\n\r\n")
        await begun.wait()
        try await server.stop()
        #expect(client.readToEnd().code != 0)
        client.reset()
    }

    @Test("a client that leaves cancels its handler's task")
    func clientLeaves() async throws {
        let started = Gate()
        let cancelled = Gate()
        let server = try await RunningServer.start { _ in
            started.open()
            await Gate().wait()
            if Task.isCancelled { cancelled.open() }
            return Response(.noContent)
        }
        let client = try ResettingClient(port: server.port, sending: get)
        await started.wait()
        client.reset()
        await cancelled.wait()
        try await server.stop()
        await #expect(throws: (any Error).self) { _ = try await SocketClient.connect(port: server.port) }
    }

    @Test("a stream of 64 MiB arrives whole at a reader that begins late")
    func longStream() async throws {
        let written = Mutex(0)
        let piece = ByteBuffer(repeating: 0x61, count: 1 << 20)
        let server = try await RunningServer.start { _ in
            Response { writer in
                for _ in 1...64 {
                    try await writer.write(piece)
                    written.withLock { $0 += 1 }
                }
            }
        }
        let client = try await SocketClient.connect(port: server.port)
        try await client.setReading(false)
        try await client.send("GET / HTTP/1.0\r\n\r\n")
        try await client.setReading(true)
        var length = 0
        _ = await client.receive(until: "\r\n\r\n")
        while let bytes = await client.receive() { length += bytes.readableBytes }
        #expect(length == 64 << 20)
        #expect(written.withLock { $0 } == 64)
        try await client.close()
        try await server.stop()
    }

    @Test("a stop refuses new connections, lets a running request finish, and closes idle ones")
    func gracefulStop() async throws {
        let started = Gate()
        let gate = Gate()
        let server = try await RunningServer.start { request in
            guard request.path == "/slow" else { return Response(text: "quick") }
            started.open()
            await gate.wait()
            return Response(text: "finished")
        }
        let idle = try await SocketClient.connect(port: server.port)
        try await idle.send(get)
        #expect(await idle.receiveResponse().body == "quick")
        let busy = try await SocketClient.connect(port: server.port)
        try await busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        await started.wait()
        server.beginStopping()
        #expect(await idle.receive() == nil)
        await #expect(throws: (any Error).self) { _ = try await SocketClient.connect(port: server.port) }
        gate.open()
        let response = await busy.receiveResponse()
        #expect(response.body == "finished")
        #expect(response.head.contains("\r\nconnection: close\r\n"))
        try await busy.close()
        try await idle.close()
        try await server.waitForEnd()
    }

    @Test("what hangs is cut at the deadline of a stop")
    func deadline() async throws {
        let started = Gate()
        let cancelled = Gate()
        let server = try await RunningServer.start {
            $0.timeouts.shutdown = .milliseconds(1)
        } handler: { _ in
            started.open()
            await Gate().wait()
            cancelled.open()
            return Response(text: "too late")
        }
        let client = try await SocketClient.connect(port: server.port)
        try await client.send(get)
        await started.wait()
        try await server.stop()
        await cancelled.wait()
        #expect(await client.receiveAll().isEmpty)
    }

    @Test("a half-finished head does not hold up a stop past its deadline")
    func stopWithinHead() async throws {
        let server = try await RunningServer.start {
            $0.timeouts.shutdown = .milliseconds(1)
        } handler: { _ in
            Response()
        }
        let client = try await SocketClient.connect(port: server.port)
        try await client.send("GET / HT")
        try await server.stop()
        #expect(await client.receiveAll().isEmpty)
    }

    @Test("requests of many connections run on all event loops")
    func threads() async throws {
        let loops = Mutex<Set<ObjectIdentifier>>([])
        let server = try await RunningServer.start { request in
            loops.withLock { _ = $0.insert(ObjectIdentifier(request.connection.eventLoop)) }
            return Response(.noContent)
        }
        for _ in 1...8 {
            let client = try await SocketClient.connect(port: server.port)
            try await client.send(get)
            #expect(await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204"))
            try await client.close()
        }
        try await server.stop()
        #expect(loops.withLock { $0.count } == 2)
    }
}
