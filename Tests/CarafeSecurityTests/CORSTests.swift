import CarafeApp
import CarafeSecurity
import CarafeTesting
import HTTPTypes
import Testing

@Suite("CORS", .timeLimit(.minutes(10)))
struct CORSTests {
    private func client(_ cors: CORS) throws -> TestClient {
        var app = App(bare: ())
        try app.install(cors)
        app.get("/") { _ in "here" }
        app.put("/fail") { _ -> String in throw HTTPError(.conflict) }
        return try TestClient(app)
    }

    private func preflight(_ client: TestClient, from origin: String, _ path: String = "/") async throws -> TestResponse
    {
        try await client.request(
            .options, path, headers: [.origin: origin, .accessControlRequestMethod: "PUT"])
    }

    @Test("a listed page may read, errors too, and a cache knows that it is for this page")
    func listed() async throws {
        let client = try client(
            CORS(origins: ["https://app.example"], exposedHeaders: [.eTag], allowsCredentials: true))
        let fields: HTTPFields = [.origin: "https://app.example"]
        for answer in [try await client.get("/", headers: fields), try await client.put("/fail", headers: fields)] {
            #expect(answer.headers[.accessControlAllowOrigin] == "https://app.example")
            #expect(answer.headers[.accessControlAllowCredentials] == "true")
            #expect(answer.headers[.accessControlExposeHeaders] == "ETag")
            #expect(answer.headers[.vary] == "Origin")
        }
    }

    @Test(
        "another page may not, and gets its answer all the same",
        arguments: ["https://evil.example", "http://app.example", "https://app.example:444", "null", ""])
    func unlisted(origin: String) async throws {
        let client = try client(CORS(origins: ["https://app.example"], allowsCredentials: true))
        let answer = try await client.get("/", headers: [.origin: origin])
        #expect(answer.text == "here" && answer.headers[.vary] == "Origin")
        #expect(answer.headers[.accessControlAllowOrigin] == nil)
        #expect(answer.headers[.accessControlAllowCredentials] == nil)
        let refused = try await preflight(client, from: origin)
        #expect(refused.status == .forbidden && refused.headers[.accessControlAllowMethods] == nil)
    }

    @Test("Fetch §3.2.2: a preflight is answered for every path, and goes to no handler")
    func preflights() async throws {
        let client = try client(
            CORS(
                origins: ["https://app.example"], methods: [.put], headers: [.contentType], exposedHeaders: [.eTag]))
        for path in ["/", "/fail", "/nowhere"] {
            let answer = try await preflight(client, from: "https://app.example", path)
            #expect(answer.status == .noContent)
            #expect(answer.headers[.accessControlAllowMethods] == "GET, HEAD, POST, PUT")
            #expect(answer.headers[.accessControlAllowHeaders] == "Content-Type")
            #expect(answer.headers[.accessControlMaxAge] == "600")
            #expect(answer.headers[.accessControlAllowOrigin] == "https://app.example")
            #expect(answer.headers[.accessControlExposeHeaders] == nil, "a preflight exposes nothing")
        }
        // Without the field it is an ordinary OPTIONS.
        #expect(try await client.request(.options, "/").headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test("any page may read what needs no credentials; both together is an error")
    func any() async throws {
        let answer = try await client(CORS(origins: .any)).get("/", headers: [.origin: "null"])
        #expect(answer.headers[.accessControlAllowOrigin] == "*" && answer.headers[.vary] == nil)
        #expect(throws: CORSError.credentialsForAnyPage) { try CORS(origins: .any, allowsCredentials: true) }
        #expect(throws: CORSError.credentialsForAnyPage) { try CORS(origins: ["null"], allowsCredentials: true) }
    }

    @Test("Fetch, CORS protocol and HTTP caches: `*` is sent to everybody, and no answer varies")
    func caches() async throws {
        let client = try client(CORS(origins: .any, exposedHeaders: [.eTag]))
        for answer in [
            try await client.get("/"), try await client.head("/"), try await client.put("/fail"),
            try await client.get("/nowhere"), try await client.get("/", headers: [.origin: "https://a.example"]),
        ] {
            #expect(answer.headers[.accessControlAllowOrigin] == "*" && answer.headers[.vary] == nil)
            #expect(answer.headers[.accessControlExposeHeaders] == "ETag")
        }
        let answer = try await preflight(client, from: "https://a.example")
        #expect(answer.headers[.accessControlAllowOrigin] == "*" && answer.headers[.vary] == nil)
    }

    @Test("Fetch, CORS protocol and credentials: `*` is no wildcard with credentials, and an error at the start")
    func wildcards() throws {
        let any = try #require(HTTPField.Name("*"))
        let anyMethod = try #require(HTTPRequest.Method("*"))
        let make = {
            (methods: [HTTPRequest.Method], headers: [HTTPField.Name], exposed: [HTTPField.Name], credentials) in
            _ = try CORS(
                origins: ["https://a.example"], methods: methods, headers: headers, exposedHeaders: exposed,
                allowsCredentials: credentials)
        }
        for (methods, headers, exposed) in [
            ([anyMethod], [], []), ([], [.accept, any], []), ([], [], [any]),
        ] as [([HTTPRequest.Method], [HTTPField.Name], [HTTPField.Name])] {
            #expect(throws: CORSError.wildcardWithCredentials) { try make(methods, headers, exposed, true) }
            try make(methods, headers, exposed, false)
        }
    }

    @Test("RFC 6454 §5: two spellings of an origin are equal, and a malformed origin is an error at the start")
    func spellings() async throws {
        let client = try client(CORS(origins: ["https://APP.example:443", "http://[0:0::1]:80"]))
        for origin in ["https://app.example", "http://[::1]"] {
            let answer = try await client.get("/", headers: [.origin: origin])
            #expect(answer.headers[.accessControlAllowOrigin] == origin)
        }
        for bad in ["https://app.example/", "app.example", "*", "https://app.example:x", ""] {
            #expect(throws: CORSError.origin(bad)) { try CORS(origins: .these([bad])) }
        }
    }

    @Test("a rule of the app's own")
    func matching() async throws {
        let client = try client(CORS(origins: .matching { $0.hasSuffix(".example") }))
        let good = try await client.get("/", headers: [.origin: "https://a.example"])
        #expect(good.headers[.accessControlAllowOrigin] == "https://a.example")
        #expect(try await client.get("/").headers[.accessControlAllowOrigin] == nil)
    }
}
