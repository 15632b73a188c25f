import Carafe
import CarafeObservability
import CarafeTLS
import CarafeTesting
import CarafeWebSocket
import FoundationEssentials
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

/// HTTP/2 as Python's `h2` meets it.
@Suite(
    "HTTP/2", .enabled(if: ForeignProgram.hasPython, "no Python environment: `.ci/setup peers` makes it"),
    .timeLimit(.minutes(10)))
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

    @Test(
        "RFC 9113 §5.4, §8, frame by frame",
        arguments: [
            "stream_errors", "after_answer", "connection_errors", "early_answers", "window", "head_refused", "fields",
            "tunnel",
        ])
    func keepsRules(_ name: String) async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        try await withServer(makeApp(), try configuration(made)) { url in
            let client = try ForeignProgram(
                python: "http2_frames.py", "\(url.port ?? 0)", made.certificate, name)
            #expect(await client.end() == 0)
        }
    }

    @Test("a client that has left is no failure of the handler that it left")
    func leaves() async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        var configuration = try configuration(made)
        let lines = LogLines()
        configuration.logger = Logger(label: "test") { _ in LineLogHandler(log: lines) }
        try await withServer(makeApp(), configuration) { url in
            let client = try ForeignProgram(
                python: "http2_frames.py", "\(url.port ?? 0)", made.certificate, "leaves")
            #expect(await client.end() == 0)
        }
        #expect(lines.all.filter { $0.contains("GET /waits 499") && $0.hasSuffix("client left") }.count == 2)
        #expect(!lines.all.contains { $0.hasPrefix("error") || $0.contains(" 500 ") }, "\(lines.all)")
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
            try response.setCookie(Cookie("a", "1"))
            return response
        }
        app.post("/echo", bodyLimit: 4 << 20) { request in try await request.body.collect() }
        app.post("/noread") { _ in "noread" }
        app.get("/upgrades") { _ in
            var response = Response(.switchingProtocols)
            response.upgrade = Upgrade(protocolName: "other") { _ in }
            return response
        }
        app.get("/reset") { _ in Response(.resetContent, text: "content") }
        app.get("/interim") { _ in Response(.init(code: 103), text: "interim") }
        app.post("/limited", bodyLimit: 10) { request in try await request.body.collect() }
        let long = String(repeating: "0123456789", count: 30_000)
        app.post("/long") { _ in long }
        app.post("/streamed") { _ in
            Response { body in for _ in 0..<30 { try await body.write(String(long.prefix(10_000))) } }
        }
        let waiting = Gate()
        let wait: @Sendable (Request) async throws -> String = { _ in
            waiting.open()
            try await Task.sleep(for: .seconds(3600))
            return "waited"
        }
        app.get("/waits", wait)
        app.post("/waits", wait)
        app.get("/waiting") { _ in
            await waiting.wait()
            return "it waits"
        }
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

/// Keeps the lines of a log, each after its level.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct LineLogHandler: LogHandler {
    let log: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        log.add("\(event.level) \(event.message)")
    }
}
