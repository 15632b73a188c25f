import CarafeApp
import CarafeObservability
import CarafeRooms
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct RequestMetricsTests {
    private let metrics = TextMetrics()

    private func client(_ extend: (inout App) throws -> Void) throws -> TestClient {
        var app = App(bare: ())
        try app.install(RequestMetrics(factory: metrics))
        app.get("/metrics") { [metrics] _ in metrics }
        try extend(&app)
        return try TestClient(app)
    }

    private func lines(_ start: String) -> [Substring] {
        metrics.text.split(separator: "\n").filter { $0.hasPrefix(start) }
    }

    @Test("counts by method, pattern and status") func countsByMethodPattern() async throws {
        let client = try client { app in
            app.get("/users/<int:id>") { (_, id: Int) in
                if id == 0 { throw HTTPError(.gone) }
                return "user"
            }
        }
        for path in ["/users/1", "/users/2", "/users/0", "/none", "/other"] { _ = try await client.get(path) }
        _ = try await client.post("/users/1")
        _ = try await client.request(try #require(HTTPRequest.Method("BREW")), "/users/1")
        #expect(
            lines("http_server_requests_total") == [
                #"http_server_requests_total{method="GET",route="/users/<int:id>",status="200"} 2"#,
                #"http_server_requests_total{method="GET",route="/users/<int:id>",status="410"} 1"#,
                #"http_server_requests_total{method="GET",route="none",status="404"} 2"#,
                #"http_server_requests_total{method="POST",route="none",status="405"} 1"#,
                #"http_server_requests_total{method="other",route="none",status="405"} 1"#,
            ])
        let page = try await client.get("/metrics")
        #expect(page.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(page.text.contains("# TYPE http_server_requests_total counter\n"))
    }

    @Test("counts the refusals of an inner middleware") func countsRefusalsInnerMiddleware() async throws {
        let client = try client { app in
            app.use { _, _ in throw HTTPError(.tooManyRequests) }
            app.get("/") { _ in "" }
        }
        _ = try await client.get("/")
        #expect(
            lines("http_server_requests_total") == [
                #"http_server_requests_total{method="GET",route="/",status="429"} 1"#
            ])
        #expect(lines("http_server_active_requests") == ["http_server_active_requests 0"])
    }

    @Test("a client that has left counts as 499, wherever its handler fails", arguments: [true, false])
    func clientLeaves(inMiddleware: Bool) async throws {
        @Sendable func leave() throws {
            // As the connection does when its client has left.
            withUnsafeCurrentTask { $0?.cancel() }
            try Task.checkCancellation()
        }
        let client = try client { app in
            if inMiddleware {
                app.use { request, next in
                    try leave()
                    return try await next(request)
                }
            }
            app.get("/") { _ -> String in
                try leave()
                return "never"
            }
        }
        _ = try? await client.get("/")
        #expect(
            lines("http_server_requests_total") == [
                #"http_server_requests_total{method="GET",route="/",status="499"} 1"#
            ])
    }

    @Test("measures time by the clock of the connection") func timesOnTheClock() async throws {
        let (started, gate) = (Gate(), Gate())
        let client = try client { app in
            app.get("/slow") { _ in
                started.open()
                await gate.wait()
                return "done"
            }
        }
        async let answer = client.get("/slow")
        await started.wait()
        #expect(lines("http_server_active_requests") == ["http_server_active_requests 1"])
        await client.advanceTime(by: .milliseconds(500))
        gate.open()
        #expect(try await answer.text == "done")
        let name = #"http_server_request_duration_seconds_"#
        #expect(lines(name + "sum") == [#"\#(name)sum{method="GET",route="/slow"} 0.5"#][...].map { $0[...] })
        #expect(lines(name + "count") == [#"\#(name)count{method="GET",route="/slow"} 1"#][...].map { $0[...] })
        #expect(
            lines(name + "bucket").map { $0.hasSuffix(" 1") } == [Bool](repeating: false, count: 8)
                + [Bool](repeating: true, count: 6))
    }

    @Test("counts the bytes of bodies") func countsTheBytes() async throws {
        let client = try client { app in
            app.get("/text") { _ in "12345" }
            app.get("/stream") { _ in
                Response { writer in
                    try await writer.write("123")
                    try await writer.write("45")
                }
            }
        }
        #expect(try await client.get("/text").text == "12345")
        #expect(try await client.get("/stream").text == "12345")
        #expect(lines("http_server_response_body_bytes_total") == ["http_server_response_body_bytes_total 10"])
    }

    @Test("counts open sockets and their bytes") func countsOpenSockets() async throws {
        let client = try client { app in
            app.webSocket("/ws") { socket in
                for try await message in socket { try await socket.send(message) }
            }
        }
        let socket = try await client.openWebSocket("/ws")
        try await socket.send("hello")
        #expect(try await socket.receiveText() == "hello")
        #expect(lines("websocket_open") == ["websocket_open 1", "websocket_opened_total 1"])
        // A header of 2 bytes, and a client's key of 4 (RFC 6455 §5.2).
        #expect(lines("websocket_received") == ["websocket_received_bytes_total 11"])
        #expect(lines("websocket_sent") == ["websocket_sent_bytes_total 7"])
        #expect(
            lines("http_server_requests") == [#"http_server_requests_total{method="GET",route="/ws",status="101"} 1"#])
        try await socket.close()
        #expect(lines("websocket_open") == ["websocket_open 0", "websocket_opened_total 1"])
        #expect(lines("websocket_closed").filter { !$0.hasSuffix(" 0") } == [#"websocket_closed_total{code="1000"} 1"#])
    }

    @Test("counts over a port") func countsOverAPort() async throws {
        var app = App(bare: ())
        try app.install(RequestMetrics(factory: metrics))
        app.webSocket("/ws") { socket in
            for try await message in socket { try await socket.send(message) }
        }
        try await withServer(app) { url async throws in
            let client = try await FrameClient.open(port: url.port ?? 0, "/ws")
            try await client.send("hello")
            #expect(await client.receiveText() == "hello")
            try await client.close()
        }
        #expect(lines("websocket_open") == ["websocket_open 0", "websocket_opened_total 1"])
        // With a close frame of 2 bytes after the message.
        #expect(lines("websocket_received") == ["websocket_received_bytes_total 19"])
        #expect(lines("websocket_sent") == ["websocket_sent_bytes_total 11"])
    }

    @Test("counts how sockets end") func countsHowSocketsEnd() async throws {
        var options = WebSocketOptions()
        options.outboundLimit = 100
        let room = Room()
        let client = try client { app in
            app.webSocket("/ws", options: options) { socket in
                try await room.join(socket)
                for try await message in socket {
                    try await socket.close(message.bytes.readableBytes == 1 ? CloseCode(rawValue: 4000) : .goingAway)
                }
            }
        }
        // Too far behind its room.
        let slow = try await client.openWebSocket("/ws")
        try await slow.setReading(false)
        for _ in 1...3 { try await room.publish(String(repeating: "x", count: 100)) }
        // Gone without a word.
        let gone = try await client.openWebSocket("/ws")
        await gone.dropConnection()
        // By the app's own code.
        let own = try await client.openWebSocket("/ws")
        try await own.send("1")
        #expect(try await own.receive() == nil)
        await slow.dropConnection()
        await own.dropConnection()
        #expect(
            lines("websocket_closed").filter { !$0.hasSuffix(" 0") } == [
                #"websocket_closed_total{code="1006"} 1"#, #"websocket_closed_total{code="1013"} 1"#,
                #"websocket_closed_total{code="other"} 1"#,
            ])
        #expect(lines("websocket_open ") == ["websocket_open 0"])
    }

    @Test("the duration and the active count last as long as a streamed body")
    func lastsAsLongAsTheBody() async throws {
        let gate = Gate()
        let client = try client { app in
            app.get("/stream") { _ in
                Response { writer in
                    try await writer.write("123")
                    await gate.wait()
                    try await writer.write("45")
                }
            }
        }
        try await client.stream("/stream") { stream async throws in
            #expect(try await stream.nextText() == "123")
            #expect(lines("http_server_active_requests") == ["http_server_active_requests 1"])
            #expect(lines("http_server_requests_total").isEmpty)
            await client.advanceTime(by: .seconds(1))
            gate.open()
            #expect(try await stream.nextText() == "45")
            #expect(try await stream.nextText() == nil)
        }
        #expect(lines("http_server_active_requests") == ["http_server_active_requests 0"])
        #expect(
            lines("http_server_request_duration_seconds_sum") == [
                #"http_server_request_duration_seconds_sum{method="GET",route="/stream"} 1"#
            ])
        #expect(lines("http_server_response_body_bytes_total") == ["http_server_response_body_bytes_total 5"])
    }

    @Test("a stream that nobody reads, breaks off or fails is at its end too")
    func streamsThatEnd() async throws {
        struct Broken: Error {}
        let client = try client { app in
            app.get("/broken") { _ in Response { _ in throw Broken() } }
            app.get("/endless") { _ in
                Response { writer in
                    while true { try await writer.write("x") }
                }
            }
        }
        _ = try await client.head("/endless")
        await #expect(throws: Broken.self) { try await client.get("/broken") }
        try await client.stream("/endless") { stream in _ = try await stream.next() }
        #expect(lines("http_server_active_requests") == ["http_server_active_requests 0"])
        #expect(
            lines("http_server_requests_total") == [
                #"http_server_requests_total{method="GET",route="/broken",status="200"} 1"#,
                #"http_server_requests_total{method="GET",route="/endless",status="200"} 1"#,
                #"http_server_requests_total{method="HEAD",route="/endless",status="200"} 1"#,
            ])
    }
}
