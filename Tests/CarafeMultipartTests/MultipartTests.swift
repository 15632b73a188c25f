import CarafeApp
import CarafeMultipart
import CarafeTesting
import FoundationEssentials
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("request.multipart()", .timeLimit(.minutes(10)))
struct MultipartTests {
    private static let type: HTTPFields = [.contentType: "multipart/form-data; boundary=b"]

    private struct Post: Codable, Equatable {
        var title: String
        var tags: [String]
        var isPublic: Bool
    }

    /// Returns the parts as lines.
    private static func report(_ form: Multipart) async throws -> String {
        var lines = form.form.pairs.map { "\($0.name)=\($0.value)" }
        for file in form.files {
            let bytes = try await file.bytes()
            let place = file.isOnDisk ? "disk" : "memory"
            let content = file.count > 20 ? "\(file.count)" : String(buffer: bytes)
            lines.append("\(file.fieldName): \(file.fileName) \(file.contentType ?? "-") \(place) \(content)")
        }
        return lines.joined(separator: "\n")
    }

    private func client(_ limits: MultipartLimits = MultipartLimits()) throws -> TestClient {
        var app = App(bare: ())
        app.post("/", bodyLimit: 8 << 20) { request in try await Self.report(request.multipart(limits)) }
        app.post("/post") { request in try await request.multipart().form.decode(Post.self) }
        return try TestClient(app)
    }

    @Test("fields and files come apart, and what was left empty is no file")
    func fieldsAndFiles() async throws {
        let body = form([
            ("name=title", "Jörg"), ("name=photo; filename=\"a.png\"\r\nContent-Type: image/png", "PNG"),
            ("name=none; filename=\"\"\r\nContent-Type: application/octet-stream", ""),
            ("name=empty; filename=e.txt", ""),
            ("name=title", ""),
        ])
        let response = try await client().post("/", headers: Self.type, body: body)
        #expect(
            response.text
                == "title=Jörg\ntitle=\nphoto: a.png image/png memory PNG\nempty: e.txt - memory ")
    }

    @Test("fields decode as those of any form")
    func decodes() async throws {
        let body = form([
            ("name=title", "x"), ("name=\"tags[]\"", "a"), ("name=\"tags[]\"", "b"), ("name=isPublic", "on"),
        ])
        let response = try await client().post("/post", headers: Self.type, body: body)
        #expect(try response.json(Post.self) == Post(title: "x", tags: ["a", "b"], isPublic: true))
        let wrong = try await client().post("/post", headers: Self.type, body: form([("name=isPublic", "on")]))
        #expect(wrong.status == .badRequest && wrong.text == "Invalid form: the field \"title\" is missing.")
    }

    @Test("parts over the memory limit go to disk, and are complete")
    func disk() async throws {
        var limits = MultipartLimits()
        limits.memoryBytes = 100
        let large = String(repeating: "0123456789", count: 50_000)
        let body = form([
            ("name=a; filename=small", "small"), ("name=b; filename=large", large), ("name=c; filename=next", "next"),
            ("name=d; filename=other", large),
        ])
        let response = try await client(limits).post("/", headers: Self.type, body: body)
        #expect(
            response.text
                == "a: small - memory small\nb: large - disk 500000\nc: next - memory next\nd: other - disk 500000")
    }

    @Test("the bytes of a file on disk are its own, and can be saved and sent")
    func content() async throws {
        let folder = try TemporaryFolder()
        var limits = MultipartLimits()
        limits.memoryBytes = 50
        limits.temporaryFolder = folder.path
        var app = App(bare: ())
        app.post("/", bodyLimit: 8 << 20) { [limits] request in
            let form = try await request.multipart(limits)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            let last = try #require(form.file("b"))
            try await last.save(to: folder.path + "/" + last.safeName)
            await #expect(throws: TemporaryFileError.self) { try await last.save(to: folder.path + "/saved.bin") }
            try await form.files[0].save(to: folder.path + "/saved.bin", overwriting: true)
            #expect(form.files("b").count == 1 && form.file("c") == nil)
            return Response(body: last.body)
        }
        let first = String(repeating: "a", count: 300_000)
        let second = String(repeating: "b", count: 700_001)
        let body = form([("name=a; filename=x", first), ("name=b; filename=../saved.bin", second)])
        let response = try await TestClient(app).post("/", headers: Self.type, body: body)
        #expect(response.text == second)
        #expect(try Data(contentsOf: URL(filePath: folder.path + "/saved.bin")) == Data(first.utf8))
    }

    @Test("files in memory are saved too; a folder that is not there is an error that names it")
    func saving() async throws {
        let folder = try TemporaryFolder()
        var app = App(bare: ())
        app.post("/") { request in
            let file = try #require(try await request.multipart().files.first)
            try await file.save(to: folder.path + "/f")
            let path = folder.path + "/none/f"
            let error = await #expect(throws: TemporaryFileError.self) { try await file.save(to: path) }
            return error?.description ?? ""
        }
        let body = form([("name=a; filename=x", "hello")])
        let response = try await TestClient(app).post("/", headers: Self.type, body: body)
        #expect(response.text == "cannot make a file: \(folder.path)/none/f: No such file or directory")
        #expect(try Data(contentsOf: URL(filePath: folder.path + "/f")) == Data("hello".utf8))
    }

    @Test("a temporary folder that is not there is the server's fault, and the client learns nothing of it")
    func noFolder() async throws {
        var limits = MultipartLimits()
        limits.memoryBytes = 30
        limits.temporaryFolder = "/nowhere"
        let body = form([("name=a; filename=x", String(repeating: "x", count: 100))])
        let response = try await client(limits).post("/", headers: Self.type, body: body)
        #expect(response.status == .internalServerError && response.text == "Internal Server Error")
    }

    @Test(
        "past a limit it is 413",
        arguments: [
            ("field", "Expected \"f\" to have at most 10 bytes."), ("file", "Expected \"f\" to have at most 20 bytes."),
            ("fields", "Expected names and fields of at most 40 bytes in all."),
            ("names", "Expected names and fields of at most 40 bytes in all."),
            ("parts", "Expected at most 6 parts."),
        ])
    func limits(what: String, message: String) async throws {
        var limits = MultipartLimits()
        limits.fieldBytes = 10
        limits.fileBytes = 20
        limits.memoryBytes = 40
        limits.parts = 6
        let client = try client(limits)
        let parts: (fine: [(String, String)], tooMuch: [(String, String)])
        switch what {
        case "field": parts = ([("name=f", "0123456789")], [("name=f", "0123456789x")])
        case "file":
            let file = String(repeating: "x", count: 20)
            parts = ([("name=f; filename=x", file)], [("name=f; filename=x", file + "x")])
        case "fields":
            let field = ("name=f", "012345678")
            parts = ([field, field, field, field], [field, field, field, field, ("name=f", "")])
        case "names":
            parts = (
                [("name=f; filename=\(String(repeating: "n", count: 39))", "")],
                [("name=f; filename=\(String(repeating: "n", count: 40))", "")]
            )
        default:
            parts = (
                [(String, String)](repeating: ("name=f", ""), count: 6),
                [(String, String)](repeating: ("name=f", ""), count: 7)
            )
        }
        #expect(try await client.post("/", headers: Self.type, body: form(parts.fine)).status == .ok)
        let response = try await client.post("/", headers: Self.type, body: form(parts.tooMuch))
        #expect(response.status == .contentTooLarge && response.text == message)
    }

    @Test("the body's own limit holds")
    func bodyLimit() async throws {
        let client = try client()
        let body = form([("name=a; filename=x", String(repeating: "x", count: 9 << 20))])
        #expect(try await client.post("/", headers: Self.type, body: body).status == .contentTooLarge)
    }

    @Test("a malformed body is 400, another type 415")
    func refusals() async throws {
        let client = try client()
        #expect(try await client.post("/", headers: Self.type, body: "x").status == .badRequest)
        #expect(try await client.post("/", headers: Self.type).status == .badRequest)
        let latin = ByteBuffer(
            bytes: Array("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8) + [0xFF]
                + Array("\r\n--b--".utf8))
        let response = try await client.request(.post, "/", headers: Self.type, body: latin)
        #expect(response.status == .badRequest && response.text == "Expected the field \"a\" in UTF-8.")
        #expect(try await client.post("/", body: form([])).status == .unsupportedMediaType)
        let none: HTTPFields = [.contentType: "multipart/form-data"]
        #expect(try await client.post("/", headers: none, body: form([])).status == .badRequest)
    }

    private static func form(_ parts: [(String, String)]) -> String {
        parts.map { "--b\r\nContent-Disposition: form-data; \($0.0)\r\n\r\n\($0.1)\r\n" }.joined() + "--b--\r\n"
    }

    private func form(_ parts: [(String, String)]) -> String { Self.form(parts) }

    @Test("curl's own form arrives over a socket, on disk too, and is nowhere afterwards")
    func curl() async throws {
        let folder = try TemporaryFolder()
        let uploads = try TemporaryFolder()
        let large = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        try folder.write(bytes: large, to: "large.bin")
        try folder.write("hello\r\n--b\r\n", to: "small \"1\".txt")
        var app = App(bare: ())
        var limits = MultipartLimits()
        limits.temporaryFolder = uploads.path
        app.post("/", bodyLimit: 8 << 20) { [limits] request in
            let form = try await request.multipart(limits)
            let file = try #require(form.file("large"))
            let bytes = try await file.bytes()
            #expect(file.isOnDisk && Array(bytes.readableBytesView) == large)
            return try await Self.report(form)
        }
        try await withServer(app) { url async throws in
            let program = try ForeignProgram(
                "curl",
                [
                    "--silent", "--form", "title=a b", "--form", "large=@\(folder.path)/large.bin",
                    "--form", "small=@\"\(folder.path)/small \\\"1\\\".txt\";type=text/x-test", url.absoluteString,
                ])
            let output = await program.wholeOutput()
            #expect(
                output.hasPrefix("title=a b\nlarge: large.bin application/octet-stream disk 3000000\nsmall: small "))
            #expect(output.contains(" text/x-test memory hello\r\n--b\r\n"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: uploads.path).isEmpty)
    }
}
