import CarafeApp
import CarafeCompression
import CarafeEventStream
import CarafeTesting
import HTTPTypes
import NIOCore
import TestSupport
import Testing

/// `GzipBody`, met as clients meet it: in the responses of an app.
@Suite("GzipBody", .timeLimit(.minutes(10)))
struct GzipBodyTests {
    private static let text = String(repeating: "A text said twice is said shorter. ", count: 100)
    private static let large = (0..<60_000).map { "line \($0)\n" }.joined()
    private static let gzip: HTTPFields = [.acceptEncoding: "gzip, deflate, br"]

    private func client(_ setUp: (inout App) throws -> Void) throws -> TestClient {
        var app = App(bare: ())
        try app.install(ResponseCompression())
        try setUp(&app)
        return try TestClient(app)
    }

    @Test("a large body is compressed in pieces")
    func large() async throws {
        let client = try client { app in
            app.get("/") { _ in Response(headers: [.contentType: "application/json"], body: .text(Self.large)) }
        }
        let response = try await client.get("/", headers: Self.gzip)
        #expect(response.headers[.contentEncoding] == "gzip")
        #expect(response.body.readableBytes < Self.large.utf8.count / 3)
        #expect(Gunzip.whole(response.body) == Self.large)
    }

    @Test("what would not become shorter is left as it is")
    func incompressible() async throws {
        var number: UInt64 = 1
        let noise = (0..<5000).map { _ -> UInt8 in
            number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: number >> 56)
        }
        let client = try client { app in
            app.get("/") { _ in
                Response(headers: [.contentType: "text/plain"], body: .bytes(ByteBuffer(bytes: noise)))
            }
        }
        let response = try await client.get("/", headers: Self.gzip)
        #expect(response.headers[.contentEncoding] == nil && Array(response.body.readableBytesView) == noise)
    }

    @Test("a streamed piece arrives as soon as it is written")
    func streams() async throws {
        let gate = Gate()
        let client = try client { app in
            app.get("/events") { _ in
                EventStream { events in
                    try await events.send("first")
                    await gate.wait()
                    try await events.send(Self.text)
                    try await events.send(String(repeating: "y", count: 100_000))
                }
            }
        }
        try await client.stream("/events", headers: Self.gzip) { stream async throws in
            #expect(stream.response.headers[.contentEncoding] == "gzip")
            let reader = Gunzip()
            let first = try #require(try await stream.next())
            #expect(reader.read(first) == "data: first\n\n")
            await client.advanceTime(by: .seconds(15))
            let beat = try #require(try await stream.next())
            #expect(reader.read(beat) == ": \n\n")
            gate.open()
            var rest = ""
            while let piece = try await stream.next() { rest += reader.read(piece) ?? "broken" }
            #expect(rest == "data: \(Self.text)\n\ndata: \(String(repeating: "y", count: 100_000))\n\n")
            #expect(reader.isAtEnd)
        }
    }

    @Test("many tasks that write to one stream keep it readable")
    func manyWriters() async throws {
        let client = try client { app in
            app.get("/") { _ in
                Response(headers: [.contentType: "text/plain"]) { writer in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<50 {
                            let line = String(repeating: "\(number % 10)", count: 1000 * (number % 30)) + "\n"
                            group.addTask { try await writer.write(line) }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
        let text = Gunzip.whole(try await client.get("/", headers: Self.gzip).body)
        let lengths = text?.split(separator: "\n", omittingEmptySubsequences: false).map(\.count).sorted()
        #expect(lengths == ([0] + (0..<50).map { 1000 * ($0 % 30) }).sorted())
    }

    @Test("a stream that breaks off does not look complete")
    func brokenStream() async throws {
        let client = try client { app in
            app.get("/") { _ in
                Response(headers: [.contentType: "text/plain"]) { writer in
                    try await writer.write(Self.text)
                    throw CancellationError()
                }
            }
        }
        try await client.stream("/", headers: Self.gzip) { stream async throws in
            let reader = Gunzip()
            let piece = try #require(try await stream.next())
            #expect(reader.read(piece) == Self.text && !reader.isAtEnd)
            await #expect(throws: CancellationError.self) { try await stream.next() }
        }
    }

    @Test("curl reads it over a socket, and so does gzip")
    func curl() async throws {
        let gate = Gate()
        var app = App(bare: ())
        try app.install(ResponseCompression())
        app.get("/text") { _ in Self.text }
        app.get("/large") { _ in Response(html: Self.large) }
        app.get("/stream") { _ in
            Response(headers: [.contentType: "text/plain"]) { writer in
                try await writer.write("first\n")
                // The second piece waits until curl has shown the first.
                await gate.wait()
                try await writer.write("second\n")
            }
        }
        try await withServer(app) { url async throws in
            for (path, text) in [("text", Self.text), ("large", Self.large)] {
                let curl = try ForeignProgram("curl", ["--silent", "--compressed", "\(url)/\(path)"])
                #expect(await curl.wholeOutput() == text)
                let gzip = try ForeignProgram(
                    "sh", ["-c", "curl --silent --header 'Accept-Encoding: gzip' \(url)/\(path) | gzip -dc"])
                #expect(await gzip.wholeOutput() == text)
            }
            let head = try ForeignProgram("curl", ["--silent", "--head", "--compressed", "\(url)/large"])
            #expect(await head.wholeOutput().lowercased().contains("content-encoding: gzip\r\n"))
            let stream = try ForeignProgram("curl", ["--silent", "--no-buffer", "--compressed", "\(url)/stream"])
            #expect(await stream.firstLine() == "first")
            gate.open()
            #expect(await stream.wholeOutput() == "second\n")
        }
    }
}
