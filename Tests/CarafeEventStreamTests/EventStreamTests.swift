import CarafeEventStream
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("EventStream", .timeLimit(.minutes(10)))
struct EventStreamTests {
    private struct Price: Codable {
        var amount: Int
    }

    @Test("events arrive as they are sent, and the stream ends with the closure")
    func sends() async throws {
        var app = App(bare: ())
        app.get("/") { _ in
            EventStream { events in
                try await events.send("hello\nworld")
                try await events.send(json: Price(amount: 5), event: "price", id: "7")
                try await events.send(ServerSentEvent(data: "x", retry: .seconds(2)))
                try await events.comment("bye")
            }
        }
        try await TestClient(app).stream("/") { stream async throws in
            let headers = stream.response.headers
            #expect(headers[.contentType] == "text/event-stream" && headers[.cacheControl] == "no-cache")
            #expect(HTTPField.Name("X-Accel-Buffering").map { headers[$0] } == "no")
            #expect(try await stream.nextText() == "data: hello\ndata: world\n\n")
            #expect(try await stream.nextText() == "event: price\nid: 7\ndata: {\"amount\":5}\n\n")
            #expect(try await stream.nextText() == "retry: 2000\ndata: x\n\n")
            #expect(try await stream.nextText() == ": bye\n\n")
            #expect(try await stream.next() == nil)
        }
    }

    @Test("a comment every 15 s keeps the connection, until the stream ends")
    func heartbeats() async throws {
        let gate = Gate()
        var app = App(bare: ())
        app.get("/") { _ in
            EventStream { events in
                try await events.send("first")
                await gate.wait()
            }
        }
        let client = try TestClient(app)
        try await client.stream("/") { stream async throws in
            #expect(try await stream.nextText() == "data: first\n\n")
            for _ in 0..<3 {
                await client.advanceTime(by: .seconds(15))
                #expect(try await stream.nextText() == ": \n\n")
            }
            await client.advanceTime(by: .seconds(14))
            gate.open()
            #expect(try await stream.next() == nil)
            await client.advanceTime(by: .seconds(60))
            #expect(try await stream.next() == nil)
        }
    }

    @Test("the time between heartbeats is the app's to choose, and there may be no heartbeats")
    func otherHeartbeats() async throws {
        let gate = Gate()
        var app = App(bare: ())
        app.get("/quick") { _ in EventStream(heartbeat: .seconds(1)) { _ in await gate.wait() } }
        app.get("/none") { _ in
            EventStream(heartbeat: nil) { events in
                await gate.wait()
                try await events.send("only")
            }
        }
        let client = try TestClient(app)
        try await client.stream("/quick") { stream async throws in
            await client.advanceTime(by: .seconds(1))
            #expect(try await stream.nextText() == ": \n\n")
        }
        try await client.stream("/none") { stream async throws in
            await client.advanceTime(by: .hours(1))
            gate.open()
            #expect(try await stream.nextText() == "data: only\n\n")
        }
    }

    @Test("a client that does not read gets no more heartbeats than its connection takes")
    func slowClient() async throws {
        let gate = Gate()
        var app = App(bare: ())
        app.get("/") { _ in
            EventStream { events in
                try await events.send(String(repeating: "x", count: 64 << 10))
                await gate.wait()
            }
        }
        let client = try TestClient(app)
        try await client.stream("/") { stream async throws in
            await client.advanceTime(by: .hours(1))
            #expect(try await stream.next()?.readableBytes ?? 0 > 64 << 10)
            await client.advanceTime(by: .seconds(15))
            #expect(try await stream.nextText() == ": \n\n")
            gate.open()
            var rest = 0
            while try await stream.next() != nil { rest += 1 }
            #expect(rest <= 240)
        }
    }

    @Test("the id of the last event comes back", arguments: [(nil, "-"), ("", "-"), ("7", "7"), ("é", "é")])
    func lastEventID(field: String?, id: String) async throws {
        var app = App(bare: ())
        app.get("/") { request in request.lastEventID ?? "-" }
        let name = try #require(HTTPField.Name("Last-Event-ID"))
        #expect(try await TestClient(app).get("/", headers: field.map { [name: $0] } ?? [:]).text == id)
    }

    @Test("over a socket: a server that stops ends the streams, whole, and does not wait for them")
    func serverStops() async throws {
        var app = App(bare: ())
        app.get("/") { _ in
            EventStream { events in
                try await events.send("hello")
                try await Task.sleep(for: .seconds(3600))
            }
        }
        let begun = Gate()
        let reader = try await withServer(app) { url async throws in
            let reader = Task {
                let socket = try await SocketClient.connect(port: url.port ?? 0)
                try await socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = await socket.receive(until: "data: hello\n\n\r\n")
                begun.open()
                let end = await socket.receiveAll()
                try await socket.close()
                return end
            }
            await begun.wait()
            return reader
        }
        #expect(try await reader.value == "0\r\n\r\n")
    }

    @Test("over a socket: events leave at once, and a client that goes is one whose closure is cancelled")
    func overASocket() async throws {
        let ended = Gate()
        let end = Mutex("")
        var app = App(bare: ())
        app.get("/") { _ in
            EventStream { events in
                defer {
                    end.withLock { $0 = "cancelled \(Task.isCancelled)" }
                    ended.open()
                }
                try await events.send("hello", id: "1")
                await Gate().wait()
            }
        }
        try await withServer(app) { url async throws in
            let socket = try await SocketClient.connect(port: url.port ?? 0)
            try await socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let received = await socket.receive(until: "data: hello\n\n\r\n")
            #expect(received.contains("transfer-encoding: chunked\r\n"))
            #expect(received.hasSuffix("id: 1\ndata: hello\n\n\r\n"))
            try await socket.close()
            await ended.wait()
        }
        #expect(end.withLock { $0 } == "cancelled true")
    }
}
