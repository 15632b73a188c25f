import Carafe
import CarafeTesting
import CarafeWebSocket
import CarafeWebSocketClient
import FoundationEssentials
import Logging
import NIOCore
import TestSupport
import Testing

@testable import CarafeTLS

/// TLS as `curl` and the WebSocket client meet it.
@Suite("TLS", .timeLimit(.minutes(10)))
struct TLSTests {
    private func serve(
        http2: Bool = true, _ change: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (_ port: Int, _ certificate: String) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        var configuration = ServerConfiguration(port: 0, threads: 1)
        configuration.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        configuration.tls = try TLS(certificate: made.certificate, key: made.key, http2: http2)
        change(&configuration)
        var app = App()
        app.get("/") { request in
            var response = Response(text: request.isSecure ? "secret" : "open")
            try response.setCookie(Cookie("a", "1"))
            return response
        }
        let long = String(repeating: "0123456789abcdef", count: 1 << 16)
        app.get("/long") { _ in long }
        app.get("/status/<int:code>") { (_, code: Int) in Response(.init(code: code), text: "content") }
        app.get("/streamed") { _ in Response { body in try await body.write("streamed") } }
        app.get("/broken") { _ in
            Response { body in
                try await body.write("broken")
                throw HTTPError(.internalServerError)
            }
        }
        app.post("/echo", bodyLimit: 2 << 20) { request in try await request.body.text() }
        app.webSocket("/socket") { socket async throws in
            for try await message in socket { try await socket.send(message) }
        }
        try await withServer(app, configuration) { url in try await body(url.port ?? 0, made.certificate) }
    }

    /// Returns the output of `curl`.
    private func curl(_ arguments: String...) async throws -> String {
        try await ForeignProgram("curl", ["--silent", "--show-error", "--max-time", "20"] + arguments).wholeOutput()
    }

    @Test("curl gets its answer, by the best version that both know", arguments: [true, false])
    func versions(http2: Bool) async throws {
        try await serve(http2: http2) { port, certificate async throws in
            let url = "https://localhost:\(port)/"
            let format = "\n%{http_version}"
            #expect(
                try await curl("--cacert", certificate, "--write-out", format, url) == "secret\n\(http2 ? "2" : "1.1")")
            #expect(
                try await curl("--cacert", certificate, "--http1.1", "--write-out", format, url) == "secret\n1.1")
            let head = try await curl("--cacert", certificate, "--http1.1", "--include", url)
            #expect(head.contains("Set-Cookie: a=1; Path=/; SameSite=Lax; HttpOnly; Secure"))
        }
    }

    @Test("long bodies in both directions", arguments: ["--http1.1", "--http2"])
    func bodies(version: String) async throws {
        let folder = try TemporaryFolder()
        let body = String(repeating: "0123456789abcdef", count: 1 << 16)
        try folder.write(body, to: "body")
        try await serve { port, certificate async throws in
            let url = "https://localhost:\(port)"
            #expect(try await curl("--cacert", certificate, version, url + "/long") == body)
            #expect(
                try await curl(
                    "--cacert", certificate, version, "--data-binary", "@\(folder.path)/body", url + "/echo") == body)
        }
    }

    @Test(
        "RFC 9110 §15.2, §15.3.6: a response that is not a final one is 500, and 205 has no content",
        arguments: ["--http1.1", "--http2"])
    func checkedResponses(version: String) async throws {
        try await serve { port, certificate async throws in
            for (code, answer) in [
                (103, "Internal Server Error 500"), (101, "Internal Server Error 500"), (205, " 205"),
            ] {
                let url = "https://localhost:\(port)/status/\(code)"
                #expect(try await curl("--cacert", certificate, version, "-w", " %{http_code}", url) == answer)
            }
        }
    }

    @Test(
        "RFC 9110 §15.6.4: past limits.connections a client is told by 503, after the handshake",
        arguments: ["--http1.1", "--http2"])
    func connectionLimit(version: String) async throws {
        try await serve { configuration in
            configuration.limits.connections = 1
            configuration.timeouts.head = .minutes(10)
        } _: { port, certificate async throws in
            let first = try await SocketClient.connect(port: port)
            for _ in 1...2 {
                let answer = try await curl(
                    "--cacert", certificate, version, "--include", "https://localhost:\(port)/")
                #expect(answer.hasPrefix("HTTP/\(version == "--http2" ? "2" : "1.1") 503"))
                #expect(answer.lowercased().contains("\r\nretry-after: 5\r\n"))
                #expect(answer.hasSuffix("Too many connections are open."))
            }
            try await first.close()
        }
    }

    @Test("RFC 8996: TLS 1.1 and older are refused, 1.2 and 1.3 are spoken")
    func protocolVersions() async throws {
        try await serve { port, certificate async throws in
            let url = "https://localhost:\(port)/"
            let old = try ForeignProgram(
                "curl",
                [
                    "--silent", "--max-time", "20", "--cacert", certificate, "--tls-max", "1.1", "--ciphers",
                    "DEFAULT:@SECLEVEL=0", url,
                ])
            #expect(await old.end() == 35, "curl's word for a handshake that fails")
            for version in ["1.2", "1.3"] {
                #expect(try await curl("--cacert", certificate, "--tls-max", version, url) == "secret")
            }
        }
    }

    @Test(
        "suites with forward secrecy and AEAD only; sessions go on by tickets; no farewell where a body broke off",
        .enabled(if: ForeignProgram.hasPython), arguments: ["suites", "resumption"])
    func foreign(_ name: String) async throws {
        try await serve { port, certificate async throws in
            let client = try ForeignProgram(python: "tls_client.py", "\(port)", certificate, name)
            #expect(await client.end() == 0)
        }
    }

    @Test(
        "RFC 9112 §9.8: a response that breaks off does not end like one that is whole",
        .enabled(if: ForeignProgram.hasPython))
    func brokenOff() async throws {
        try await serve { port, certificate async throws in
            let client = try ForeignProgram(python: "tls_client.py", "\(port)", certificate, "ends")
            #expect(await client.end() == 0)
        }
    }

    @Test("the WebSocket client speaks wss, to whom it trusts")
    func webSocket() async throws {
        try await serve { port, certificate async throws in
            var options = WebSocketClientOptions()
            for host in ["localhost", "127.0.0.1"] {
                options.trustedCertificates = certificate
                try await WebSocketClient.connect("wss://\(host):\(port)/socket", options: options) {
                    socket async throws in
                    for message in [Message.text("hello"), .binary([UInt8](repeating: 7, count: 300_000))] {
                        try await socket.send(message)
                        #expect(try await socket.receive() == message)
                    }
                }
            }
            options.trustedCertificates = nil
            let error = await #expect(throws: WebSocketClientError.self) {
                try await WebSocketClient.open("wss://localhost:\(port)/socket", options: options)
            }
            guard case .insecure = error else {
                Issue.record("expected a certificate that is not trusted, found \(String(describing: error))")
                return
            }
        }
    }

    @Test("who says nothing, and who speaks no TLS, is cut off", arguments: ["", "GET / HTTP/1.1\r\n\r\n"])
    func noHandshake(bytes: String) async throws {
        try await serve {
            $0.timeouts.head = .milliseconds(200)
        } _: { port, _ async throws in
            let client = try await SocketClient.connect(port: port)
            try await client.send(bytes)
            let answer = await client.receiveAll()
            #expect(bytes.isEmpty ? answer.isEmpty : !answer.contains("HTTP/"))
        }
    }
}
