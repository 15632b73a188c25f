import CarafeApp
import CarafeTesting
import CarafeWebSocket
import HTTPTypes
import Testing

@testable import CarafeSecurity

@Suite("TrustedProxies", .timeLimit(.minutes(10)))
struct TrustedProxiesTests {
    private static let fields = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"]

    /// Returns the app's view of a client: its address, whether it is encrypted, its host. The peer is 127.0.0.1.
    private func client(
        of values: [String?], _ ranges: [String] = ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"],
        by source: TrustedProxies.Source = .xForwarded, trustsHost: Bool = true
    ) async throws -> String {
        var app = App(bare: ())
        try app.install(TrustedProxies(ranges, by: source, trustsHost: trustsHost))
        app.get("/") { request in "\(request.remoteAddress ?? "-") \(request.isSecure) \(request.host ?? "-")" }
        var headers = HTTPFields()
        for (name, value) in zip(Self.fields, values) {
            if let value, let name = HTTPField.Name(name) { headers[name] = value }
        }
        return try await TestClient(app).get("/", headers: headers).text
    }

    @Test(
        "the client is the last address that is no trusted proxy's",
        arguments: [
            (nil, "127.0.0.1"), ("203.0.113.9", "203.0.113.9"), ("203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("203.0.113.9,10.0.0.2 ,\t10.1.1.1", "203.0.113.9"), ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("2001:DB8:0:0::7", "2001:db8::7"), ("[2001:db9::7]:4711", "2001:db9::7"),
            ("203.0.113.9:80", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ] as [(String?, String)])
    func address(field: String?, address: String) async throws {
        #expect(try await client(of: [field]) == "\(address) false localhost")
    }

    @Test(
        "what the client wrote itself counts for nothing",
        arguments: [
            ("127.0.0.1, 203.0.113.9", "203.0.113.9"), ("8.8.8.8, 203.0.113.9", "203.0.113.9"),
            ("8.8.8.8, 203.0.113.9, 10.0.0.2", "203.0.113.9"), ("\", 203.0.113.9", "203.0.113.9"),
            ("\"8.8.8.8, 203.0.113.9", "203.0.113.9"), ("é, 203.0.113.9", "203.0.113.9"),
            (",,, 203.0.113.9,", "203.0.113.9"),
            ("8.8.8.8, unknown, 10.0.0.2", "10.0.0.2"), ("unknown", "127.0.0.1"), ("", "127.0.0.1"),
            ("8.8.8.8, 999.1.1.1", "127.0.0.1"), ("203.0.113.9:x y", "127.0.0.1"), ("[203.0.113.9", "127.0.0.1"),
            ("fe80::1%eth0", "127.0.0.1"),
        ])
    func spoofed(field: String, address: String) async throws {
        #expect(try await client(of: [field]) == "\(address) false localhost")
    }

    @Test("a long chain is read from the right, and no further than its limit")
    func longChain() async throws {
        let spoofed = [String](repeating: "8.8.8.8", count: 1000).joined(separator: ",")
        #expect(try await client(of: [spoofed + ",203.0.113.9"]).hasPrefix("203.0.113.9 "))
        let trusted = [String](repeating: "10.0.0.2", count: 40).joined(separator: ",")
        #expect(try await client(of: ["203.0.113.9," + trusted]).hasPrefix("10.0.0.2 "))
        let long = String(repeating: "1", count: 8000)
        #expect(try await client(of: [long]).hasPrefix("127.0.0.1 "))
    }

    @Test("the fields of a peer that is not trusted are ignored")
    func untrustedPeer() async throws {
        let all = ["203.0.113.9", "https", "evil.example", "for=203.0.113.9;proto=https;host=evil.example"]
        #expect(try await client(of: all, ["10.0.0.0/8"]) == "127.0.0.1 false localhost")
        #expect(try await client(of: all, []) == "127.0.0.1 false localhost")
    }

    @Test("only the fields that the proxies write are believed")
    func otherSource() async throws {
        #expect(try await client(of: [nil, nil, nil, "for=8.8.8.8;proto=https"]) == "127.0.0.1 false localhost")
        #expect(try await client(of: ["8.8.8.8", "https"], by: .forwarded) == "127.0.0.1 false localhost")
    }

    @Test(
        "scheme and host are the nearest proxy's",
        arguments: [
            ("https", "example.com", "true example.com"), ("HTTPS", "example.com:8080", "true example.com:8080"),
            ("http", "[2001:db8::1]:80", "false [2001:db8::1]:80"),
            ("https, http", "a.example, b.example", "false b.example"),
            ("http, https", nil, "true localhost"), ("wss", nil, "true localhost"),
            ("httpsx", "a b", "false localhost"),
            ("", "", "false localhost"), (nil, "evil.example/path", "false localhost"),
            (nil, "héllo", "false localhost"), (nil, String(repeating: "a", count: 300), "false localhost"),
        ] as [(String?, String?, String)])
    func schemeAndHost(scheme: String?, host: String?, result: String) async throws {
        #expect(try await client(of: ["203.0.113.9", scheme, host]) == "203.0.113.9 " + result)
        #expect(try await client(of: [nil, scheme, host]) == "127.0.0.1 " + result)
    }

    @Test("the host is believed where that was asked for only")
    func hostIsOptional() async throws {
        let all = ["203.0.113.9", "https", "example.com", "for=203.0.113.9;proto=https;host=example.com"]
        #expect(try await client(of: all, trustsHost: false) == "203.0.113.9 true localhost")
        #expect(try await client(of: all, by: .forwarded, trustsHost: false) == "203.0.113.9 true localhost")
    }

    @Test(
        "RFC 7239 §4",
        arguments: [
            ("for=203.0.113.9", "203.0.113.9 false localhost"),
            ("For=\"[2001:db9::17]:4711\";proto=https", "2001:db9::17 true localhost"),
            (
                "for=8.8.8.8, for=203.0.113.9;proto=https;host=example.com;by=10.0.0.1, for=10.0.0.2;proto=http",
                "203.0.113.9 true example.com"
            ),
            ("for=8.8.8.8;proto=https, for=203.0.113.9", "203.0.113.9 false localhost"),
            ("for=\"8.8.8.8, for=203.0.113.9", "203.0.113.9 false localhost"),
            ("for=203.0.113.9;host=\"a,for=8.8.8.8\"", "203.0.113.9 false localhost"),
            ("for=_hidden;proto=https", "127.0.0.1 true localhost"),
            ("for=unknown, for=10.0.0.2", "10.0.0.2 false localhost"),
            ("proto=https", "127.0.0.1 true localhost"), ("", "127.0.0.1 false localhost"),
            ("=;,;=", "127.0.0.1 false localhost"),
            ("for=203.0.113.9;for=8.8.8.8", "203.0.113.9 false localhost"),
        ])
    func forwarded(field: String, result: String) async throws {
        #expect(try await client(of: [nil, nil, nil, field], by: .forwarded) == result)
    }

    @Test("it acts before all hooks and middleware, installed last too", arguments: [true, false])
    func order(isFirst: Bool) async throws {
        var app = App(bare: ())
        let proxies = try TrustedProxies(["127.0.0.1"])
        if isFirst { try app.install(proxies) }
        app.use { request, next in
            var request = request
            request.values[String.self] = "\(request.remoteAddress ?? "-") \(request.isSecure)"
            return try await next(request)
        }
        app.before { request in
            let address = request.remoteAddress ?? "-"
            request.values[String.self]? += " " + address
        }
        app.get("/") { request in
            var response = Response(text: request.values[String.self] ?? "")
            try response.setCookie(Cookie("a", "b"))
            return response
        }
        var inner = App(bare: ())
        inner.get("/") { request in request.remoteAddress ?? "-" }
        app.mount("/inner", inner)
        if !isFirst { try app.install(proxies) }
        let client = try TestClient(app)
        let headers = try #require(Self.headers(["X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"]))
        let response = try await client.get("/", headers: headers)
        #expect(response.text == "203.0.113.9 true 203.0.113.9")
        // RFC 6265 §4.1.2.5: encrypted to the proxy is encrypted.
        #expect(response.headers[.setCookie]?.hasSuffix("; Secure") == true)
        #expect(try await client.get("/inner/", headers: headers).text == "203.0.113.9")
    }

    @Test("a WebSocket's limit per address and its origin go by the client")
    func webSocket() async throws {
        var options = WebSocketOptions()
        options.connectionLimitPerAddress = 1
        var app = App(bare: ())
        app.webSocket("/", options: options) { socket in while try await socket.receive() != nil {} }
        try app.install(TrustedProxies(["127.0.0.1"], trustsHost: true))
        let client = try TestClient(app)
        func open(_ address: String, origin: String = "https://example.com") async throws -> TestWebSocket {
            let fields = [
                "X-Forwarded-For": address, "X-Forwarded-Host": "example.com", "X-Forwarded-Proto": "https",
                "Origin": origin,
            ]
            return try await client.openWebSocket("/", headers: try #require(Self.headers(fields)))
        }
        let first = try await open("203.0.113.1")
        let second = try await open("203.0.113.2")
        let third = await #expect(throws: TestHandshakeError.self) { try await open("203.0.113.1") }
        #expect(third?.response.status == .serviceUnavailable)
        let foreign = await #expect(throws: TestHandshakeError.self) {
            try await open("203.0.113.3", origin: "http://localhost")
        }
        #expect(foreign?.response.status == .forbidden)
        try await first.close()
        try await second.close()
    }

    @Test("a malformed range is an error when it is made")
    func badRange() {
        #expect(throws: AddressRangeError(text: "10.0.0.1/8")) { try TrustedProxies(["::1", "10.0.0.1/8"]) }
    }

    private static func headers(_ values: [String: String]) -> HTTPFields? {
        var fields = HTTPFields()
        for (name, value) in values {
            guard let name = HTTPField.Name(name) else { return nil }
            fields[name] = value
        }
        return fields
    }
}
