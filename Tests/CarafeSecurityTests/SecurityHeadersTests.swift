import CarafeApp
import CarafeTesting
import CarafeWebSocket
import HTTPTypes
import Testing

@testable import CarafeSecurity

@Suite("SecurityHeaders", .timeLimit(.minutes(10)))
struct SecurityHeadersTests {
    private func client(isSecure: Bool = false, _ headers: SecurityHeaders = SecurityHeaders()) throws -> TestClient {
        var app = App(bare: ())
        try app.install(headers)
        app.get("/page") { _ in Response(html: "<p>") }
        app.get("/text") { _ in "text" }
        app.get("/nonce") { request in Response(html: try request.contentSecurityNonce) }
        app.get("/own") { _ in
            var response = Response(html: "<p>")
            response.headers[.contentSecurityPolicy] = "default-src *"
            return response
        }
        app.webSocket("/socket") { socket in try await socket.send("open") }
        return try TestClient(app, isSecure: isSecure)
    }

    private static let strict =
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'self'; "
        + "form-action 'self'"

    @Test("a page has all fields, another response those for all")
    func fields() async throws {
        let page = try await client().get("/page")
        #expect(page.headers[.contentSecurityPolicy] == Self.strict)
        #expect(page.headers[.xContentTypeOptions] == "nosniff")
        #expect(page.headers[.referrerPolicy] == "strict-origin-when-cross-origin")
        #expect(page.headers[.crossOriginOpenerPolicy] == "same-origin")
        #expect(page.headers[.permissionsPolicy]?.contains("camera=()") == true)
        let text = try await client().get("/text")
        #expect(text.headers[.contentSecurityPolicy] == nil && text.headers[.xContentTypeOptions] == "nosniff")
        #expect(try await client().get("/nowhere").headers[.xContentTypeOptions] == "nosniff")
    }

    @Test("RFC 6797 §7.2: to come by TLS only is said over TLS only")
    func transport() async throws {
        #expect(try await client().get("/page").headers[.strictTransportSecurity] == nil)
        #expect(try await client(isSecure: true).get("/text").headers[.strictTransportSecurity] == "max-age=31536000")
    }

    @Test("CSP 3 §7.1: each page that asks has a nonce of its own, in its policy too")
    func nonce() async throws {
        let client = try client()
        let (one, two) = (try await client.get("/nonce"), try await client.get("/nonce"))
        #expect(one.text != two.text && one.text.count == 24)
        let added = "script-src 'self' 'nonce-\(one.text)'; style-src 'self' 'nonce-\(one.text)'"
        #expect(one.headers[.contentSecurityPolicy] == Self.strict + "; " + added)
    }

    @Test("a page with a nonce is not given again by a cache, unless it says otherwise; another page says nothing")
    func caching() async throws {
        var app = App(bare: ())
        try app.install(SecurityHeaders())
        app.get("/nonce") { request in Response(html: try request.contentSecurityNonce) }
        app.get("/own") { request in
            var response = Response(html: try request.contentSecurityNonce)
            response.headers[.cacheControl] = "no-store"
            return response
        }
        app.get("/plain") { _ in Response(html: "plain") }
        let client = try TestClient(app)
        #expect(try await client.get("/nonce").headers[.cacheControl] == "no-cache")
        #expect(try await client.get("/own").headers[.cacheControl] == "no-store")
        #expect(try await client.get("/plain").headers[.cacheControl] == nil)
    }

    @Test("what the app says itself stays, and what it does not want goes")
    func own() async throws {
        #expect(try await client().get("/own").headers[.contentSecurityPolicy] == "default-src *")
        var headers = SecurityHeaders()
        headers.contentSecurityPolicy?["img-src"] = nil
        headers.contentSecurityPolicy?["font-src"] = "'self' data:"
        headers.contentSecurityPolicy?["form-action"] = nil
        headers.referrerPolicy = nil
        let page = try await client(headers).get("/page")
        #expect(
            page.headers[.contentSecurityPolicy]
                == "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'; "
                + "font-src 'self' data:")
        #expect(page.headers[.referrerPolicy] == nil)
    }

    @Test("a nonce takes the place of 'none'")
    func none() {
        var policy = ContentSecurityPolicy()
        policy["script-src"] = "'none'"
        #expect(policy.field(nonce: "x") == "script-src 'nonce-x'; style-src 'nonce-x'")
        #expect(policy.field(nonce: nil) == "script-src 'none'")
    }

    @Test("a handshake has none of it")
    func webSocket() async throws {
        try await client().webSocket("/socket") { socket async throws in
            #expect(socket.handshake.headers[.xContentTypeOptions] == nil)
        }
    }

    private func client(_ headers: SecurityHeaders) throws -> TestClient { try client(isSecure: false, headers) }
}
