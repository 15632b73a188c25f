import Carafe
import CarafeObservability
import CarafeTesting
import CarafeWebSocket
import FoundationEssentials
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeTLS

/// HTTP/2 as Python's `h2` meets it.
@Suite(
    "HTTP/2", .enabled(if: ForeignProgram.hasPython, "no Python environment: `.ci/setup peers` makes it"),
    .timeLimit(.minutes(2)))
struct HTTP2Tests {
    @Test(
        "against Python's h2",
        arguments: [
            "get", "bodies", "streamed", "cancelled", "early_answer", "malformed", "header_bomb", "rapid_reset",
            "continuation_flood", "control_flood", "too_many_streams", "websocket",
            "late_reader",
        ])
    func plays(_ name: String) async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        try await withServer(makeApp(), try configuration(made)) { url in
            let client = try ForeignProgram(
                python: "http2_client.py", "\(url.port ?? 0)", made.certificate, name)
            #expect(await client.end() == 0)
        }
    }

    @Test("a WebSocket on a stream is counted like any other")
    func metrics() async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        let metrics = TextMetrics()
        var app = makeApp()
        try app.install(RequestMetrics(factory: metrics))
        try await withServer(app, try configuration(made)) { url in
            let client = try ForeignProgram(
                python: "http2_client.py", "\(url.port ?? 0)", made.certificate, "websocket")
            #expect(await client.end() == 0)
        }
        let lines = metrics.text.split(separator: "\n")
        // Two messages of 5 and 4 bytes and a close frame, each with a header of 2; the client's with a key of 4 too.
        for line in [
            "websocket_opened_total 1", "websocket_open 0", "websocket_received_bytes_total 29",
            "websocket_sent_bytes_total 17", #"websocket_closed_total{code="1000"} 1"#,
        ] { #expect(lines.contains(line[...]), "\(line)") }
    }

    @Test("requests are counted to the end of their bodies, also of those that the client resets")
    func active() async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        let metrics = TextMetrics()
        var app = makeApp()
        try app.install(RequestMetrics(factory: metrics))
        try await withServer(app, try configuration(made)) { url in
            for name in ["bodies", "cancelled"] {
                let client = try ForeignProgram(python: "http2_client.py", "\(url.port ?? 0)", made.certificate, name)
                #expect(await client.end() == 0)
            }
        }
        #expect(metrics.text.split(separator: "\n").contains("http_server_active_requests 0"))
    }

    @Test("RFC 9113 §6.8: a server that stops says so, and lets what runs finish")
    func stops() async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        let go = Gate()
        let client = try await withServer(makeApp(go), try configuration(made)) { url in
            let client = try ForeignProgram(
                python: "http2_client.py", "\(url.port ?? 0)", made.certificate, "stopped")
            #expect(await client.firstLine() == "running")
            Task {
                #expect(await client.firstLine() == "told")
                go.open()
            }
            return client
        }
        #expect(await client.end() == 0)
    }

    @Test("a server that stops ends a stream of events, and does not wait for it")
    func stopsEvents() async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        let client = try await withServer(makeApp(), try configuration(made)) { url in
            let client = try ForeignProgram(
                python: "http2_client.py", "\(url.port ?? 0)", made.certificate, "stopped_events")
            #expect(await client.firstLine() == "running")
            return client
        }
        #expect(await client.end() == 0)
    }

    private func configuration(_ made: SelfMadeCertificate) throws -> ServerConfiguration {
        var configuration = ServerConfiguration(port: 0, threads: 1)
        configuration.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        configuration.tls = try TLS(certificate: made.certificate, key: made.key)
        return configuration
    }

    private func makeApp(_ go: Gate = Gate()) -> App {
        var app = App()
        app.get("/") { request in
            var response = Response(text: "hello over HTTP/2 from \(request.host ?? "nowhere")")
            response.setCookie(Cookie("a", "1"))
            return response
        }
        app.post("/echo", bodyLimit: 4 << 20) { request in try await request.body.collect() }
        app.get("/cookies") { request in "\(request.cookie("a") ?? "-") \(request.cookie("b") ?? "-")" }
        app.get("/number/<int:number>") { (_, number: Int) in "\(number)" }
        app.post("/refuse") { _ -> String in try abort(.forbidden) }
        app.get("/ticks") { _ in
            Response { body in
                try await body.write("tick 1\n")
                await go.wait()
                try await body.write("tick 2\n")
            }
        }
        app.get("/go") { _ in
            go.open()
            return "gone"
        }
        app.get("/events") { _ in
            EventStream { events in
                try await events.send("hello")
                try await Task.sleep(for: .seconds(3600))
            }
        }
        let ended = Gate()
        app.get("/forever") { _ in
            Response { body in
                try await body.write("for")
                defer { ended.open() }
                try await Task.sleep(for: .seconds(3600))
            }
        }
        app.get("/ended") { _ in
            await ended.wait()
            return "cancelled"
        }
        app.webSocket("/late") { socket in
            try await socket.accept()
            await go.wait()
            for try await message in socket { try await socket.send(message) }
        }
        app.webSocket("/socket") { socket in
            for try await message in socket { try await socket.send(message) }
        }
        return app
    }
}
