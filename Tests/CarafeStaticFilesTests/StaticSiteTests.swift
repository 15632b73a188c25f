import CarafeApp
import CarafeStaticFiles
import CarafeTesting
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct StaticSiteTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try write("plain", to: "a.js", at: 1_000_000_000)
    }

    private func write(_ text: String, to name: String, at seconds: Int) throws {
        try folder.write(text, to: name)
        try folder.setModified(seconds, of: name)
    }

    private func makeClient(
        debug: Bool = false, _ configure: (inout StaticFiles) -> Void = { _ in },
        _ extend: (inout App) throws -> Void = { _ in }
    ) throws -> TestClient {
        var files = try StaticFiles(folder: folder.path)
        configure(&files)
        var app = App(bare: ())
        app.debug = debug
        try app.install(files)
        app.get("/url/<path:name>") { (request, name: String) in try request.staticURL(name) }
        try extend(&app)
        return try TestClient(app)
    }

    // MARK: Compressed forms

    private func writeForms() throws {
        try folder.write("brotli", to: "a.js.br")
        try folder.write("gzip", to: "a.js.gz")
    }

    @Test(
        "RFC 9110 §12.5.3: the form that the client likes best",
        arguments: [
            ("br, gzip", "br"), ("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0.5, gzip", "gzip"),
            ("br;q=0, gzip;q=0", nil),
            ("deflate", nil), ("", nil), ("*", "br"), ("gzip;q=0.5", "gzip"), ("gzip;q=0.5, identity", nil),
            ("identity;q=0, gzip;q=0.1", "gzip"),
        ] as [(String, String?)])
    func compressed(accepted: String, coding: String?) async throws {
        try writeForms()
        let response = try await makeClient().get("/static/a.js", headers: [.acceptEncoding: accepted])
        #expect(response.headers[.contentEncoding] == coding)
        #expect(response.text == ["br": "brotli", "gzip": "gzip"][coding, default: "plain"])
        #expect(response.headers[.contentType] == "text/javascript; charset=utf-8")
        #expect(response.headers[.vary] == "Accept-Encoding", "whichever it is (RFC 9110 §12.5.5)")
    }

    @Test("each form has a tag and ranges of its own") func validators() async throws {
        try writeForms()
        let client = try makeClient()
        let gzip = try await client.get("/static/a.js", headers: [.acceptEncoding: "gzip"])
        let tag = try #require(gzip.headers[.eTag])
        #expect(try await client.get("/static/a.js").headers[.eTag] != tag)
        let fields: HTTPFields = [.acceptEncoding: "gzip", .ifNoneMatch: tag]
        #expect(try await client.get("/static/a.js", headers: fields).status == .notModified)
        #expect(try await client.get("/static/a.js", headers: [.ifNoneMatch: tag]).text == "plain")
        let part = try await client.get("/static/a.js", headers: [.acceptEncoding: "gzip", .range: "bytes=1-2"])
        #expect(part.text == "zi" && part.headers[.contentRange] == "bytes 1-2/4")
    }

    @Test("RFC 9110 §8.8.1, §13.1.5: a date that several forms have tells none of them")
    func datesOfForms() async throws {
        for name in ["a.js.br", "a.js.gz"] { try write("forms", to: name, at: 1_000_000_000) }
        let client = try makeClient()
        let date = try #require(try await client.get("/static/a.js").headers[.lastModified])
        for coding in ["gzip", "br", "identity"] {
            let fields: HTTPFields = [.acceptEncoding: coding]
            let whole = try await client.get("/static/a.js", headers: fields)
            #expect(whole.headers[.lastModified] == date)
            var range = fields
            range[.range] = "bytes=0-1"
            range[.ifRange] = date
            #expect(try await client.get("/static/a.js", headers: range).status == .ok)
            range[.ifRange] = whole.headers[.eTag]
            #expect(try await client.get("/static/a.js", headers: range).status == .partialContent)
        }
    }

    @Test("a compressed form older than the file is ignored") func stale() async throws {
        try writeForms()
        try folder.setModified(1000, of: "a.js.br")
        let client = try makeClient()
        #expect(try await client.get("/static/a.js", headers: [.acceptEncoding: "br, gzip"]).text == "gzip")
    }

    @Test("without another form nothing varies, and a compressed file by its own name is itself") func alone()
        async throws
    {
        let client = try makeClient()
        #expect(try await client.get("/static/a.js").headers[.vary] == nil)
        try folder.write("gzip", to: "b.tar.gz")
        let archive = try await client.get("/static/b.tar.gz", headers: [.acceptEncoding: "gzip"])
        #expect(archive.headers[.contentType] == "application/gzip" && archive.headers[.contentEncoding] == nil)
    }

    // MARK: Caches

    @Test("Cache-Control is that of the first pattern that matches") func cacheControl() async throws {
        try folder.write("", to: "fonts/x.woff2")
        try folder.write("", to: "fonts/x.js")
        let client = try makeClient { $0.cacheControl = ["fonts/*.woff2": "max-age=604800", "*.js": "no-store"] }
        #expect(try await client.get("/static/fonts/x.woff2").headers[.cacheControl] == "max-age=604800")
        #expect(try await client.get("/static/fonts/x.js").headers[.cacheControl] == "no-store")
        #expect(try await makeClient().get("/static/a.js").headers[.cacheControl] == "no-cache")
    }

    @Test("RFC 8246: an address with the file's fingerprint is kept for ever") func fingerprints() async throws {
        try write("一", to: "sub/群 聊.js", at: 1_000_000_000)
        let client = try makeClient()
        let url = try await client.get("/url/a.js").text
        #expect(url == "/static/a.js?v=fd4d194e1652b207", "FNV-1a of \"plain\", the same on each machine")
        let response = try await client.get(url)
        #expect(response.text == "plain")
        #expect(response.headers[.cacheControl] == "public, max-age=31536000, immutable")
        let tag = try #require(response.headers[.eTag])
        let again = try await client.get(url, headers: [.ifNoneMatch: tag])
        #expect(again.status == .notModified && again.headers[.cacheControl]?.contains("immutable") == true)
        for other in ["/static/a.js?v=0000000000000000", "/static/a.js?v=", "/static/a.js", url + "&x=1"] {
            #expect(try await client.get(other).headers[.cacheControl] == "no-cache", "\(other)")
        }
        let chinese = try await client.get("/url/sub/%E7%BE%A4%20%E8%81%8A.js").text
        #expect(chinese.hasPrefix("/static/sub/%E7%BE%A4%20%E8%81%8A.js?v="))
        #expect(try await client.get(chinese).headers[.cacheControl]?.contains("immutable") == true)
    }

    @Test("the fingerprint changes with the content, and the old address is no longer for ever") func newFingerprint()
        async throws
    {
        let client = try makeClient()
        let first = try await client.get("/url/a.js").text
        try write("other", to: "a.js", at: 1_000_000_001)
        await client.advanceTime(by: .seconds(1))
        let second = try await client.get("/url/a.js").text
        #expect(second != first)
        #expect(try await client.get(first).headers[.cacheControl] == "no-cache")
        #expect(try await client.get(second).headers[.cacheControl]?.contains("immutable") == true)
        try write("plain", to: "a.js", at: 1_000_000_002)
        await client.advanceTime(by: .seconds(1))
        #expect(try await client.get("/url/a.js").text == first, "the same content again")
    }

    @Test("in an app that is mounted, addresses begin at the mount point") func mounted() async throws {
        var inner = App(bare: ())
        try inner.install(StaticFiles(folder: folder.path))
        inner.get("/url") { request in try request.staticURL("a.js") }
        var app = App(bare: ())
        app.mount("/inner", inner)
        let client = try TestClient(app)
        let url = try await client.get("/inner/url").text
        #expect(url.hasPrefix("/inner/static/a.js?v="))
        #expect(try await client.get(url).text == "plain")
    }

    @Test("the address is that of the folder that has the file") func severalFolders() async throws {
        try folder.write("b", to: "more/b.js")
        let client = try makeClient { _ in
        } _: { app in
            try app.install(StaticFiles(folder: folder.path + "/more", urlPath: "/more"))
        }
        #expect(try await client.get("/url/a.js").text.hasPrefix("/static/a.js?v="))
        #expect(try await client.get("/url/b.js").text.hasPrefix("/more/b.js?v="))
    }

    @Test("a file that is not there is an error that names it") func missing() async throws {
        let client = try makeClient { _ in
        } _: { app in
            app.onError(StaticFileError.self) { _, error in "\(error)" }
        }
        #expect(
            try await client.get("/url/b.js").text == "expected the file \"b.js\" in \(folder.path), found none")
    }

    // MARK: Memory

    @Test("a change is seen after a second, and at once in debug mode", arguments: [true, false])
    func change(debug: Bool) async throws {
        let client = try makeClient(debug: debug)
        #expect(try await client.get("/static/a.js").text == "plain")
        try folder.write("longer than before", to: "a.js")
        #expect(try await client.get("/static/a.js").text == (debug ? "longer than before" : "plain"))
        await client.advanceTime(by: .seconds(1))
        let changed = try await client.get("/static/a.js")
        #expect(changed.text == "longer than before")
        try folder.remove("a.js")
        await client.advanceTime(by: .seconds(1))
        #expect(try await client.get("/static/a.js").status == .notFound)
        try folder.write("back", to: "a.js")
        #expect(try await client.get("/static/a.js").text == "back", "a missing file is not remembered")
    }

    @Test("a file that was just written may be written again in the same tick, and is not trusted") func sameTick()
        async throws
    {
        // To the server, what lies ahead was just written.
        let tick = 4_000_000_000
        try write("plain", to: "a.js", at: tick)
        let client = try makeClient()
        let url = try await client.get("/url/a.js").text
        #expect(try await client.get(url).headers[.cacheControl] == "no-cache")
        try write("other", to: "a.js", at: tick)
        await client.advanceTime(by: .seconds(1))
        #expect(try await client.get("/static/a.js").text == "other")
        #expect(try await client.get("/url/a.js").text != url)
    }

    @Test("forms of one time and length have tags of their own (RFC 9110 §8.8.1)") func tagsOfForms() async throws {
        for name in ["a.js", "a.js.br", "a.js.gz"] { try write("equal", to: name, at: 1_000_000_000) }
        let client = try makeClient()
        var tags: Set<String> = []
        for coding in ["br", "gzip", "identity"] {
            let response = try await client.get("/static/a.js", headers: [.acceptEncoding: coding])
            tags.insert(try #require(response.headers[.eTag]))
        }
        #expect(tags.count == 3)
    }

    @Test("a compressed form that comes or goes is seen too") func changeOfForms() async throws {
        let client = try makeClient()
        let fields: HTTPFields = [.acceptEncoding: "gzip"]
        #expect(try await client.get("/static/a.js", headers: fields).text == "plain")
        try folder.write("gzip", to: "a.js.gz")
        await client.advanceTime(by: .seconds(1))
        #expect(try await client.get("/static/a.js", headers: fields).text == "gzip")
        try folder.remove("a.js.gz")
        await client.advanceTime(by: .seconds(1))
        #expect(try await client.get("/static/a.js", headers: fields).text == "plain")
    }

    @Test("without memory each request looks at the disk") func noMemory() async throws {
        let client = try makeClient { $0.memoryLimit = 0 }
        #expect(try await client.get("/static/a.js").text == "plain")
        try folder.write("changed", to: "a.js")
        #expect(try await client.get("/static/a.js").text == "changed")
    }

    // MARK: Files that handlers send

    @Test("a handler sends a file of a folder, and nothing outside of it") func folderOfAHandler() async throws {
        let files = try FileFolder(folder.path)
        let client = try makeClient { _ in
        } _: { app in
            app.get("/file/<path:name>") { (_, name: String) in try files.file(name) }
            app.get("/download/<path:name>") { (_, name: String) in
                try files.file(name).download().cached("private, no-cache")
            }
            app.get("/as") { _ in try files.file("a.js").download(as: "群.js") }
        }
        let file = try await client.get("/file/a.js")
        #expect(file.text == "plain" && file.headers[.contentType] == "text/javascript; charset=utf-8")
        #expect(file.headers[.contentDisposition] == nil)
        #expect(try await client.get("/file/b.js").status == .notFound)
        let part = try await client.get("/download/a.js", headers: [.range: "bytes=1-2"])
        #expect(part.status == .partialContent && part.text == "la")
        #expect(part.headers[.contentDisposition] == "attachment; filename=\"a.js\"")
        #expect(part.headers[.cacheControl] == "private, no-cache")
        let named = try await client.get("/as").headers[.contentDisposition]
        #expect(named == "attachment; filename=\"_.js\"; filename*=UTF-8''%E7%BE%A4.js")
    }
}
