import CarafeApp
import CarafeStaticFiles
import CarafeTesting
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import CarafeCompression

@Suite("ResponseCompression", .timeLimit(.minutes(10)))
struct ResponseCompressionTests {
    private static let text = String(repeating: "A text said twice is said shorter. ", count: 100)
    private static let large = (0..<60_000).map { "line \($0)\n" }.joined()
    private static let gzip: HTTPFields = [.acceptEncoding: "gzip, deflate, br"]

    private func client(_ setUp: (inout App) throws -> Void = { _ in }) throws -> TestClient {
        var app = App(bare: ())
        try app.install(ResponseCompression())
        app.get("/text") { _ in Self.text }
        app.get("/large") { _ in Response(headers: [.contentType: "application/json"], body: .text(Self.large)) }
        app.get("/short") { _ in String(repeating: "x", count: 1023) }
        try setUp(&app)
        return try TestClient(app)
    }

    @Test("a client that takes gzip gets it, and others the plain text")
    func compresses() async throws {
        let client = try client()
        let response = try await client.get("/text", headers: Self.gzip)
        #expect(response.headers[.contentEncoding] == "gzip" && response.headers[.vary] == "Accept-Encoding")
        #expect(response.body.readableBytes < 200 && Gunzip.whole(response.body) == Self.text)
        for field in ["", "br", "gzip;q=0", "identity, gzip;q=0.5", "*;q=0"] {
            let plain = try await client.get("/text", headers: [.acceptEncoding: field])
            #expect(plain.headers[.contentEncoding] == nil && plain.text == Self.text)
            #expect(plain.headers[.vary] == "Accept-Encoding")
        }
        #expect(try await client.get("/text").text == Self.text)
    }

    @Test("a short body is left as it is, to the byte")
    func threshold() async throws {
        let client = try client { app in
            app.get("/longer") { _ in String(repeating: "x", count: 1024) }
        }
        let short = try await client.get("/short", headers: Self.gzip)
        #expect(short.headers[.contentEncoding] == nil && short.headers[.vary] == "Accept-Encoding")
        #expect(try await client.get("/longer", headers: Self.gzip).headers[.contentEncoding] == "gzip")
    }

    @Test(
        "only types that are worth it",
        arguments: [
            ("text/html; charset=utf-8", true), ("TEXT/CSS", true), ("application/json", true),
            ("application/problem+json", true), ("image/svg+xml", true), ("text/event-stream", true),
            ("application/wasm", true), ("image/png", false), ("video/mp4", false), ("application/zip", false),
            ("font/woff2", false), ("application/octet-stream", false), ("", false),
        ])
    func types(type: String, isWorthIt: Bool) async throws {
        let client = try client { app in
            app.get("/") { _ in Response(headers: [.contentType: type], body: .text(Self.text)) }
        }
        let response = try await client.get("/", headers: Self.gzip)
        #expect((response.headers[.contentEncoding] == "gzip") == isWorthIt)
        #expect((response.headers[.vary] == "Accept-Encoding") == isWorthIt)
    }

    @Test(
        "what must not be changed is not",
        arguments: [
            (200, [.cacheControl: "private, No-Transform"]), (200, [.contentEncoding: "br"]),
            (200, [.contentRange: "bytes 0-1/2"]), (204, [:]), (205, [:]),
        ] as [(Int, HTTPFields)])
    func untouched(status: Int, fields: HTTPFields) async throws {
        let client = try client { app in
            app.get("/") { _ in
                var response = Response(.init(code: status), text: Self.text)
                response.headers.append(contentsOf: fields)
                return response
            }
        }
        let response = try await client.get("/", headers: Self.gzip)
        #expect(response.headers[.contentEncoding] == fields[.contentEncoding])
        #expect(response.text == Self.text && response.headers[.vary] == nil)
    }

    @Test(
        "RFC 9110 §15.3.7: a part says of caches what the whole would",
        arguments: [("text/plain", true), ("multipart/byteranges; boundary=x", true), ("image/png", false)])
    func parts(type: String, varies: Bool) async throws {
        let client = try client { app in
            app.get("/") { _ in Response(.partialContent, headers: [.contentType: type], body: .text(Self.text)) }
        }
        for fields in [Self.gzip, [:]] {
            let response = try await client.get("/", headers: fields)
            #expect(response.text == Self.text && response.headers[.contentEncoding] == nil)
            #expect((response.headers[.vary] == "Accept-Encoding") == varies)
        }
    }

    @Test("RFC 9110 §8.8: the tag in the answer to a change is that of what was changed, not of the answer")
    func tagsOfChanges() async throws {
        let client = try client { app in
            for method in [HTTPRequest.Method.put, .post, .patch, .delete] {
                app.route(methods: [method], "/") { _ in
                    Response(headers: [.eTag: "\"v3\"", .contentType: "text/plain"], body: .text(Self.text))
                }
            }
        }
        for method in [HTTPRequest.Method.put, .post, .patch, .delete] {
            let response = try await client.request(method, "/", headers: Self.gzip)
            #expect(response.headers[.contentEncoding] == "gzip" && response.headers[.eTag] == "\"v3\"", "\(method)")
        }
    }

    @Test("error pages are compressed as well")
    func errors() async throws {
        let client = try client { app in app.onError(.notFound) { _, _ in Response(html: Self.text) } }
        let response = try await client.get("/nowhere", headers: Self.gzip)
        #expect(response.status == .notFound && Gunzip.whole(response.body) == Self.text)
    }

    @Test(
        "RFC 9110 §12.5.5: Vary keeps its fields",
        arguments: [
            ("Origin", "Origin, Accept-Encoding"), ("*", "*"), ("origin, accept-encoding", "origin, accept-encoding"),
        ])
    func vary(before: String, after: String) async throws {
        let client = try client { app in
            app.get("/") { _ in
                var response = Response(text: Self.text)
                response.headers[.vary] = before
                return response
            }
        }
        #expect(try await client.get("/", headers: Self.gzip).headers[.vary] == after)
    }

    @Test(
        "RFC 9110 §8.8.3.3: the compressed form has a tag of its own",
        arguments: [("\"x\"", "\"x-gzip\""), ("W/\"x\"", "W/\"x\"")])
    func tags(before: String, after: String) async throws {
        let client = try client { app in
            app.get("/") { _ in
                var response = Response(text: Self.text)
                response.headers[.eTag] = before
                response.headers[.acceptRanges] = "bytes"
                return response
            }
        }
        let response = try await client.get("/", headers: Self.gzip)
        #expect(response.headers[.eTag] == after && response.headers[.acceptRanges] == nil)
        let plain = try await client.get("/")
        #expect(plain.headers[.eTag] == before && plain.headers[.acceptRanges] == "bytes")
    }

    @Test("RFC 9110 §13.1: conditions know the tag of the compressed form")
    func conditions() async throws {
        let client = try client { app in
            for method in [HTTPRequest.Method.get, .put, .patch, .delete] {
                app.route(methods: [method], "/") { request in
                    switch request.preconditions(on: Validators(entityTag: "\"v2\"")) {
                    case .notModified: Response(.notModified, headers: [.eTag: "\"v2\""])
                    case .failed: Response(.preconditionFailed)
                    case .proceed:
                        Response(.ok, headers: [.eTag: "\"v2\"", .contentType: "text/plain"], body: .text(Self.text))
                    }
                }
            }
        }
        let tag = try #require(try await client.get("/", headers: Self.gzip).headers[.eTag])
        #expect(tag == "\"v2-gzip\"")
        for method in [HTTPRequest.Method.put, .patch, .delete] {
            #expect(try await client.request(method, "/", headers: [.ifMatch: tag]).status == .ok)
            #expect(
                try await client.request(method, "/", headers: [.ifMatch: "\"v1-gzip\""]).status == .preconditionFailed)
            #expect(try await client.request(method, "/", headers: [.ifNoneMatch: tag]).status == .preconditionFailed)
        }
        for (field, known) in [(tag, tag), ("\"x\", \(tag)", tag), ("W/\(tag)", tag), ("\"v2\"", "\"v2\"")] {
            var fields = Self.gzip
            fields[.ifNoneMatch] = field
            let answer = try await client.get("/", headers: fields)
            #expect(answer.status == .notModified && answer.headers[.eTag] == known, "\(field)")
            #expect(answer.headers[.vary] == "Accept-Encoding")
        }
        #expect(try await client.get("/", headers: [.ifNoneMatch: tag]).status == .ok, "it takes no gzip any more")
    }

    @Test("a static file is compressed, found unchanged by its own tag, and its ranges stay plain")
    func staticFiles() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.large, to: "large.js")
        try folder.write(Self.text, to: "small.css")
        try folder.write("x", to: "short.js")
        for name in ["large.js", "small.css", "short.js"] { try folder.setModified(1_000_000_000, of: name) }
        let client = try client { app in
            try app.install(StaticFiles(folder: folder.path, urlPath: "/static"))
        }
        let large = try await client.get("/static/large.js", headers: Self.gzip)
        #expect(large.headers[.contentEncoding] == "gzip" && Gunzip.whole(large.body) == Self.large)
        let small = try await client.get("/static/small.css", headers: Self.gzip)
        #expect(Gunzip.whole(small.body) == Self.text)
        let tag = try #require(large.headers[.eTag])
        #expect(tag.hasSuffix("-gzip\""))
        var again = Self.gzip
        again[.ifNoneMatch] = tag
        let unchanged = try await client.get("/static/large.js", headers: again)
        #expect(unchanged.status == .notModified && unchanged.headers[.eTag] == tag)
        #expect(unchanged.headers[.vary] == "Accept-Encoding" && unchanged.headers[.contentEncoding] == nil)
        for (name, condition) in [("large.js", HTTPField.Name.ifModifiedSince), ("short.js", .ifNoneMatch)] {
            let whole = try await client.get("/static/\(name)", headers: Self.gzip)
            var fields = Self.gzip
            fields[condition] = condition == .ifNoneMatch ? "*" : whole.headers[.lastModified]
            let known = try await client.get("/static/\(name)", headers: fields)
            #expect(known.status == .notModified && known.headers[.eTag] == whole.headers[.eTag], "§15.4.5")
            #expect(known.headers[.vary] == "Accept-Encoding")
        }
        var range = Self.gzip
        range[.range] = "bytes=0-3"
        let part = try await client.get("/static/large.js", headers: range)
        #expect(part.status == .partialContent && part.text == "line" && part.headers[.contentEncoding] == nil)
        #expect(part.headers[.eTag] == tag.replacing("-gzip", with: ""))
        #expect(part.headers[.vary] == "Accept-Encoding")
        let date = try #require(large.headers[.lastModified])
        for (name, value) in [(HTTPField.Name.ifRange, tag), (.ifMatch, tag), (.ifRange, date)] {
            var fields = range
            fields[name] = value
            let whole = try await client.get("/static/large.js", headers: fields)
            #expect(whole.status != .partialContent, "the plain form's bytes do not complete the other's")
        }
        let plain: HTTPFields = [.range: "bytes=0-3", .ifRange: date]
        #expect(try await client.get("/static/large.js", headers: plain).status == .partialContent)
    }

    @Test("RFC 9110 §9.3.2: HEAD says what GET would")
    func head() async throws {
        let client = try client()
        for path in ["/text", "/large", "/short"] {
            let get = try await client.get(path, headers: Self.gzip)
            let head = try await client.head(path, headers: Self.gzip)
            #expect(head.headers == get.headers && head.body.readableBytes == 0)
        }
    }
}
