import Carafe
import CarafeTesting
import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("withServer", .timeLimit(.minutes(10)))
struct WithServerTests {
    private func app() -> App {
        var app = App()
        app.bodyLimit = 1000
        app.get("/") { _ in "over a port" }
        app.post("/app") { request in "\(try await request.body.collect().readableBytes)" }
        app.post("/route", bodyLimit: 2000) { request in "\(try await request.body.collect().readableBytes)" }
        app.post("/unread") { _ in "not read" }
        return app
    }

    @Test("the app answers under the base URL while the body runs, and not after")
    func serves() async throws {
        let port = try await withServer(app()) { url in
            #expect(url.scheme == "http" && url.host() == "127.0.0.1")
            let client = try await SocketClient.connect(port: url.port ?? 0)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await client.receiveResponse().body == "over a port")
            try await client.close()
            return url.port ?? 0
        }
        await #expect(throws: (any Error).self) { _ = try await SocketClient.connect(port: port) }
    }

    @Test("an error of the body is passed on, and the server stopped")
    func bodyThrows() async throws {
        struct Broken: Error {}
        let port = Mutex(0)
        await #expect(throws: Broken.self) {
            try await withServer(app()) { url in
                port.withLock { $0 = url.port ?? 0 }
                throw Broken()
            }
        }
        await #expect(throws: (any Error).self) { _ = try await SocketClient.connect(port: port.withLock { $0 }) }
    }

    @Test("a server that cannot start is an error")
    func cannotStart() async throws {
        try await withServer(app()) { url in
            var configuration = ServerConfiguration(port: url.port ?? 0, threads: 1)
            configuration.accessLog = false
            let second = configuration
            await #expect(throws: ServerError.self) { try await withServer(app(), second) { _ in } }
        }
    }

    @Test("extensions stand around the serving")
    func extensions() async throws {
        struct Diary: Extension {
            let lines = Gate()
            func install(in app: inout App) {}
            func around(_ serve: Serve) async throws {
                try await serve()
                lines.open()
            }
        }
        let diary = Diary()
        var app = app()
        try app.install(diary)
        try await withServer(app) { _ in }
        await diary.lines.wait()
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)

        var isSet: Bool { value.withLock { $0 } }

        func set() {
            value.withLock { $0 = true }
        }
    }

    @Test("a handler that only yields leaves the others on its loop their turn")
    func yields() async throws {
        let spins = Gate()
        let isOver = Flag()
        var app = App()
        app.get("/spin") { _ in
            spins.open()
            while !isOver.isSet, !Task.isCancelled { await Task.yield() }
            return "spun"
        }
        app.get("/end") { _ in
            isOver.set()
            return "ended"
        }
        try await withServer(app, ServerConfiguration(port: 0, threads: 1)) { url in
            let spinning = try await SocketClient.connect(port: url.port ?? 0)
            try await spinning.send("GET /spin HTTP/1.1\r\nHost: x\r\n\r\n")
            await spins.wait()
            let other = try await SocketClient.connect(port: url.port ?? 0)
            try await other.send("GET /end HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await other.receiveResponse().body == "ended")
            #expect(await spinning.receiveResponse().body == "spun")
            try await spinning.close()
            try await other.close()
        }
    }

    // MARK: Limits of bodies

    private func post(_ path: String, _ fields: String, port: Int) async throws -> (SocketClient, String) {
        let client = try await SocketClient.connect(port: port)
        try await client.send("POST \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n")
        return (client, await client.receiveResponse().head)
    }

    @Test(
        "RFC 9110 §15.5.14: a declared length past the limit is 413 before any of it is sent",
        arguments: [
            ("/app", 1001), ("/route", 2001), ("/unread", 1001),
        ])
    func declaredLength(path: String, length: Int) async throws {
        try await withServer(app()) { url in
            let port = url.port ?? 0
            let (client, head) = try await post(path, "Content-Length: \(length)", port: port)
            #expect(head.hasPrefix("HTTP/1.1 413 "))
            let (waiting, answer) = try await post(
                path, "Expect: 100-continue\r\nContent-Length: \(length)", port: port)
            #expect(answer.hasPrefix("HTTP/1.1 413 "), "and not 100")
            try await client.close()
            try await waiting.close()
        }
    }

    @Test("a body of exactly the limit passes", arguments: [("/app", 1000), ("/route", 2000)])
    func exactLength(path: String, length: Int) async throws {
        try await withServer(app()) { url in
            let body = String(repeating: "a", count: length)
            let client = try await SocketClient.connect(port: url.port ?? 0)
            try await client.send("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n\(body)")
            #expect(await client.receiveResponse().body == "\(length)")
            try await client.close()
        }
    }

    @Test("a chunked body past the limit is 413, read before the end although the client keeps sending")
    func chunked() async throws {
        // The test shall not depend on how fast the machine is.
        var configuration = ServerConfiguration(port: 0, threads: 1)
        configuration.accessLog = false
        configuration.timeouts.body = .minutes(10)
        configuration.timeouts.linger = .minutes(10)
        try await withServer(app(), configuration) { url in
            let client = try await SocketClient.connect(port: url.port ?? 0)
            try await client.send("POST /app HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "1f4\r\n" + String(repeating: "a", count: 500) + "\r\n"
            for _ in 1...200 { try await client.send(chunk) }
            #expect(await client.receiveResponse().head.hasPrefix("HTTP/1.1 413 "))
            #expect(await client.receive() == nil)
            try await client.close()
        }
    }
}
