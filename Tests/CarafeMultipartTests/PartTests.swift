import CarafeApp
import CarafeMultipart
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite("request.parts()", .timeLimit(.minutes(10)))
struct PartTests {
    private static let type: HTTPFields = [.contentType: "multipart/form-data; boundary=b"]
    private static let body =
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nhello\r\n"
        + "--b\r\nContent-Disposition: form-data; name=f; filename=\"../x.txt\"\r\nContent-Type: text/plain\r\n\r\n"
        + String(repeating: "0123456789", count: 20_000) + "\r\n"
        + "--b\r\nContent-Disposition: form-data; name=c\r\n\r\nlast\r\n--b--"

    private func post(_ handler: @escaping @Sendable (Request) async throws -> String) async throws -> TestResponse {
        var app = App(bare: ())
        app.post("/", handler)
        return try await TestClient(app).post("/", headers: Self.type, body: Self.body)
    }

    @Test("parts come one after the other, and each is read as it arrives")
    func reads() async throws {
        let response = try await post { request in
            var lines: [String] = []
            for try await part in try request.parts() {
                var length = 0
                for try await piece in part { length += piece.readableBytes }
                lines.append("\(part.name) \(part.safeName) \(part.contentType ?? "-") \(length)")
            }
            return lines.joined(separator: "\n")
        }
        #expect(response.text == "a file - 5\nf x.txt text/plain 200000\nc file - 4")
    }

    @Test("parts that are not read are skipped, and a part that is past has no more pieces")
    func skips() async throws {
        let response = try await post { request in
            let parts = try request.parts().makeAsyncIterator()
            let first = try #require(try await parts.next())
            let second = try #require(try await parts.next())
            var pieces = second.makeAsyncIterator()
            let piece = try await pieces.next()
            let third = try #require(try await parts.next())
            #expect(piece != nil)
            let late = try await (first.text(), pieces.next())
            #expect(late.0 == "" && late.1 == nil)
            let text = try await third.text()
            let again = try await third.text()
            #expect(again == "")
            let end = try await parts.next()
            #expect(end == nil)
            return text
        }
        #expect(response.text == "last")
    }

    @Test("a part in memory is bounded")
    func bounded() async throws {
        let response = try await post { request in
            for try await part in try request.parts() where part.name == "f" { _ = try await part.text(upTo: 199_999) }
            return "all of it"
        }
        #expect(response.status == .contentTooLarge && response.text == "Expected \"f\" to have at most 199999 bytes.")
    }

    @Test("a client that leaves in the middle ends the loop, and its temporary file")
    func clientLeaves() async throws {
        let uploads = try TemporaryFolder()
        let ended = Gate()
        var limits = MultipartLimits()
        limits.memoryBytes = 100
        limits.temporaryFolder = uploads.path
        var app = App(bare: ())
        app.post("/") { [limits] request in
            defer { ended.open() }
            return "\(try await request.multipart(limits).files.count)"
        }
        try await withServer(app) { url async throws in
            let socket = try await SocketClient.connect(port: url.port ?? 0)
            try await socket.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n"
                    + "Content-Type: multipart/form-data; boundary=b\r\n\r\n" + Self.body.dropLast(20))
            #if os(Linux)
                while try openFiles(in: uploads.path) == 0 {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            #endif
            try await socket.close()
            await ended.wait()
        }
        #if os(Linux)
            // The thread that wrote last lets go of the file when it likes to; the limit of time is what fails.
            while try openFiles(in: uploads.path) > 0 {
                try Task.checkCancellation()
                await Task.yield()
            }
        #endif
        #expect(try FileManager.default.contentsOfDirectory(atPath: uploads.path).isEmpty)
    }

    /// Returns the number of files this process has open that are, or were, in a folder.
    private func openFiles(in folder: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
            let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)
            return path?.hasPrefix(folder) == true
        }
    }
}
