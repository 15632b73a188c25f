import CarafeApp
import CarafeStaticFiles
import CarafeTesting
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct FileReplyTests {
    private let folder: TemporaryFolder
    private let client: TestClient
    private let modified = "Sun, 06 Nov 1994 08:49:37 GMT"

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("0123456789", to: "a.txt")
        try folder.setModified(784_111_777, of: "a.txt")
        try folder.write("", to: "empty.txt")
        var app = App(bare: ())
        try app.install(StaticFiles(folder: folder.path))
        client = try TestClient(app)
    }

    @Test("serves a file") func servesAFile() async throws {
        let response = try await client.get("/static/a.txt")
        #expect(response.status == .ok)
        #expect(response.text == "0123456789")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(response.headers[.lastModified] == modified)
        #expect(response.headers[.acceptRanges] == "bytes")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        #expect(response.headers[.eTag]?.hasPrefix("\"") == true)
    }

    @Test("its length is known, and a large file is not in memory") func itsLengthIsKnown() async throws {
        try folder.write(String(repeating: "a", count: 300_000), to: "large.txt")
        var app = App(bare: ())
        try app.install(StaticFiles(folder: folder.path))
        let log = Lengths()
        app.after { _, response in
            if response.status != .notFound, case .file = response.body {
            } else if response.body.length ?? 0 > 10 {
                Issue.record("expected a file, found \(response.body)")
            }
            log.add(response.body.length)
        }
        let client = try TestClient(app)
        _ = try await client.get("/static/a.txt")
        _ = try await client.get("/static/a.txt", headers: [.range: "bytes=2-4"])
        _ = try await client.get("/static/empty.txt")
        _ = try await client.get("/static/large.txt")
        #expect(log.all == [10, 3, 0, 300_000])
    }

    @Test("RFC 9110 §9.3.2") func answersHEADAsGETWithoutTheBody() async throws {
        let get = try await client.get("/static/a.txt")
        let head = try await client.head("/static/a.txt")
        #expect(head.status == .ok)
        #expect(head.headers == get.headers)
        #expect(head.body.readableBytes == 0)
        #expect(try await client.head("/static/nothing").status == .notFound)
    }

    @Test("RFC 9110 §13.1.2: If-None-Match") func answers304ToAKnownTag() async throws {
        let tag = try #require(try await client.get("/static/a.txt").headers[.eTag])
        for field in [tag, "W/\(tag)", "\"x\", \(tag)", "\"x\",\(tag) , \"y\"", "*"] {
            let response = try await client.get("/static/a.txt", headers: [.ifNoneMatch: field])
            #expect(response.status == .notModified, "\(field)")
            #expect(response.headers[.eTag] == tag)
            #expect(response.body.readableBytes == 0)
        }
        #expect(try await client.head("/static/a.txt", headers: [.ifNoneMatch: tag]).status == .notModified)
        for field in ["\"x\"", "", "W/\"x\"", String(tag.dropLast())] {
            #expect(try await client.get("/static/a.txt", headers: [.ifNoneMatch: field]).status == .ok, "\(field)")
        }
    }

    @Test("RFC 9110 §15.4.5: a 304 has the fields that guide a cache, and no others of the representation")
    func a304HasFewFields() async throws {
        let whole = try await client.get("/static/a.txt")
        for condition: HTTPFields in [[.ifNoneMatch: "*"], [.ifModifiedSince: modified]] {
            for method in [HTTPRequest.Method.get, .head] {
                let response = try await client.request(method, "/static/a.txt", headers: condition)
                #expect(response.status == .notModified)
                for name in [HTTPField.Name.eTag, .cacheControl] {
                    #expect(response.headers[name] != nil && response.headers[name] == whole.headers[name])
                }
                for name in [HTTPField.Name.contentType, .lastModified, .acceptRanges, .contentLength] {
                    #expect(response.headers[name] == nil, "\(name)")
                }
            }
        }
    }

    @Test("RFC 9110 §13.2.1, §14.2: an answer that is not 200 by itself has neither conditions nor ranges")
    func filesOfErrors() async throws {
        let files = try FileFolder(folder.path)
        func makeApp() -> App {
            var app = App(bare: ())
            app.get("/pair") { _ in (HTTPResponse.Status.notFound, try files.file("a.txt")) }
            app.get("/own") { _ -> String in throw HTTPError(.gone) }
            app.onError(.notFound) { _, _ in try files.file("a.txt") }
            app.onError(.gone) { request, _ in try files.file("a.txt").cached("no-store").response(to: request) }
            return app
        }
        var app = makeApp()
        app.mount("/in", makeApp())
        let client = try TestClient(app)
        let conditions: [HTTPFields] = [
            [:], [.range: "bytes=0-1"], [.range: "bytes=99-"], [.ifNoneMatch: "*"], [.ifMatch: "\"x\""],
            [.ifModifiedSince: modified], [.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT"],
        ]
        for condition in conditions {
            for (path, status) in [("/pair", 404), ("/nowhere", 404), ("/own", 410)] {
                for prefix in ["", "/in"] {
                    let response = try await client.get(prefix + path, headers: condition)
                    #expect(response.status.code == status, "\(path) \(condition)")
                    #expect(response.text == "0123456789", "\(path) \(condition)")
                    for name in [HTTPField.Name.eTag, .lastModified, .contentRange, .acceptRanges] {
                        #expect(response.headers[name] == nil, "\(path) \(name)")
                    }
                }
            }
        }
    }

    @Test("RFC 9110 §8.8, §13.1: the file in an answer to a POST is not what its conditions are about")
    func filesOfPosts() async throws {
        let files = try FileFolder(folder.path)
        var app = App(bare: ())
        app.post("/export") { _ in try files.file("a.txt").download() }
        let client = try TestClient(app)
        for condition: HTTPFields in [
            [:], [.ifNoneMatch: "*"], [.ifMatch: "\"x\""], [.range: "bytes=0-1"],
            [.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT"],
        ] {
            let response = try await client.post("/export", headers: condition)
            #expect(response.status == .ok && response.text == "0123456789", "\(condition)")
            #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
            for name in [HTTPField.Name.eTag, .lastModified, .acceptRanges] {
                #expect(response.headers[name] == nil, "a validator would be that of what the POST has changed")
            }
        }
    }

    @Test("RFC 9110 §13.1.3: If-Modified-Since") func answers304ToAKnownDate() async throws {
        for (date, status) in [
            (modified, HTTPResponse.Status.notModified), ("Sun, 06 Nov 1994 08:49:38 GMT", .notModified),
            ("Sun, 06 Nov 1994 08:49:36 GMT", .ok), ("yesterday", .ok),
        ] {
            #expect(
                try await client.get("/static/a.txt", headers: [.ifModifiedSince: date]).status == status, "\(date)")
        }
    }

    @Test("RFC 9110 §13.2.2: the tag goes before the date") func theTagGoesBeforeTheDate() async throws {
        let response = try await client.get(
            "/static/a.txt", headers: [.ifNoneMatch: "\"x\"", .ifModifiedSince: modified])
        #expect(response.status == .ok)
    }

    @Test(
        "RFC 9110 §14.1.2, §15.3.7",
        arguments: [
            ("bytes=0-0", "0", "bytes 0-0/10"), ("bytes=2-4", "234", "bytes 2-4/10"),
            ("bytes=7-", "789", "bytes 7-9/10"),
            ("bytes=-2", "89", "bytes 8-9/10"), ("bytes=5-99", "56789", "bytes 5-9/10"),
            ("bytes=-99", "0123456789", "bytes 0-9/10"),
        ])
    func servesARange(field: String, text: String, content: String) async throws {
        let response = try await client.get("/static/a.txt", headers: [.range: field])
        #expect(response.status == .partialContent)
        #expect(response.text == text)
        #expect(response.headers[.contentRange] == content)
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
    }

    @Test("RFC 9110 §15.5.17", arguments: ["bytes=10-", "bytes=10-20", "bytes=-0"])
    func answers416(field: String) async throws {
        let response = try await client.get("/static/a.txt", headers: [.range: field])
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.headers[.contentRange] == "bytes */10")
    }

    @Test(
        "serves the whole for a range that it does not take",
        arguments: ["bytes=4-2", "bytes=0-4,3-4,4-5", "lines=1-2", "bytes=x", "bytes=-"])
    func servesTheWhole(field: String) async throws {
        let response = try await client.get("/static/a.txt", headers: [.range: field])
        #expect(response.status == .ok)
        #expect(response.text == "0123456789")
        #expect(response.headers[.contentRange] == nil)
    }

    @Test("RFC 9110 §14.6: several ranges are the parts of one body", arguments: [10, 1_000_000])
    func servesSeveralRanges(size: Int) async throws {
        try folder.write(bytes: (0..<size).map { UInt8(ascii: "0") + UInt8($0 % 10) }, to: "b.txt")
        let response = try await client.get("/static/b.txt", headers: [.range: "bytes=7-8,0-0,-1"])
        #expect(response.status == .partialContent)
        #expect(response.headers[.contentRange] == nil)
        let type = try #require(response.headers[.contentType])
        #expect(type.hasPrefix("multipart/byteranges; boundary="))
        let boundary = type.split(separator: "=")[1]
        func part(_ range: String, _ text: String) -> String {
            "\r\n--\(boundary)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes \(range)/\(size)\r\n\r\n"
                + text
        }
        let last = size - 1
        #expect(
            response.text == part("7-8", "78") + part("0-0", "0") + part("\(last)-\(last)", "9")
                + "\r\n--\(boundary)--\r\n")
    }

    @Test("RFC 9110 §15.3.7.2: of several ranges, one that is left is no multipart")
    func servesTheOneRangeThatIsThere() async throws {
        let response = try await client.get("/static/a.txt", headers: [.range: "bytes=20-30,2-3"])
        #expect(response.text == "23" && response.headers[.contentRange] == "bytes 2-3/10")
    }

    @Test("RFC 9110 §13.1.1, §13.1.4: 412") func failedPrecondition() async throws {
        let tag = try #require(try await client.get("/static/a.txt").headers[.eTag])
        let cases: [(HTTPFields, HTTPResponse.Status)] = [
            ([.ifMatch: tag], .ok), ([.ifMatch: "\"x\""], .preconditionFailed), ([.ifUnmodifiedSince: modified], .ok),
            ([.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT"], .preconditionFailed),
        ]
        for (headers, status) in cases {
            let response = try await client.get("/static/a.txt", headers: headers)
            #expect(response.status == status, "\(headers)")
        }
    }

    @Test("RFC 9110 §14.2: a range is for GET") func aRangeIsForGET() async throws {
        #expect(try await client.head("/static/a.txt", headers: [.range: "bytes=0-1"]).status == .ok)
    }

    @Test("RFC 9110 §13.1.5: If-Range") func aRangeMayHaveACondition() async throws {
        let tag = try #require(try await client.get("/static/a.txt").headers[.eTag])
        for (condition, status) in [
            (tag, HTTPResponse.Status.partialContent), (modified, .partialContent), ("\"x\"", .ok), ("W/\(tag)", .ok),
            ("Sun, 06 Nov 1994 08:49:38 GMT", .ok), ("", .ok),
        ] {
            let response = try await client.get(
                "/static/a.txt", headers: [.range: "bytes=0-1", .ifRange: condition])
            #expect(response.status == status, "\(condition)")
            #expect(response.text == (status == .ok ? "0123456789" : "01"))
        }
    }

    @Test("RFC 9110 §13.2.2: 304 goes before a range") func a304GoesBeforeARange() async throws {
        let tag = try #require(try await client.get("/static/a.txt").headers[.eTag])
        let response = try await client.get("/static/a.txt", headers: [.range: "bytes=0-1", .ifNoneMatch: tag])
        #expect(response.status == .notModified)
    }

    @Test("an empty file is empty") func emptyFile() async throws {
        let response = try await client.get("/static/empty.txt")
        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
        #expect(try await client.get("/static/empty.txt", headers: [.range: "bytes=0-"]).status == .rangeNotSatisfiable)
    }
}
