import Carafe
import CarafeSessions
import CarafeTesting
import Foundation
import NIOCore
import Plugin
import Testing

@Suite("FileSessionStore", .timeLimit(.minutes(10)))
final class FileSessionStoreTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sessions-\(UUID())").path

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder) }
    }

    private func makeApp() throws -> App {
        var app = App()
        try app.install(
            Sessions(secret: "0123456789abcdef0123456789abcdef", store: FileSessionStore(folder: folder)))
        app.get("/login/<name>") { (request, name: String) in
            try await request.session["name"] = name
            return "welcome"
        }
        app.get("/name") { request in try await request.session["name", default: "nobody"] }
        app.get("/logout") { request in
            try await request.session.clear()
            return "goodbye"
        }
        return app
    }

    @Test("a session is a file, which a later process reads and a logout removes")
    func outlivesTheProcess() async throws {
        let first = try TestClient(makeApp())
        let cookie = try #require(try await first.get("/login/Ann").headers[.setCookie]?.split(separator: ";").first)
        #expect(try files.count == 1)
        let second = try TestClient(makeApp())
        #expect(try await second.get("/name", headers: [.cookie: String(cookie)]).text == "Ann")
        #expect(try await second.get("/logout", headers: [.cookie: String(cookie)]).text == "goodbye")
        #expect(try files.isEmpty)
        #expect(try await first.get("/name").text == "nobody")
    }

    @Test("a session whose time is over is not loaded, and is removed when a store is made")
    func expires() async throws {
        let store = try FileSessionStore(folder: folder)
        try await store.save("old", ByteBuffer(string: "x"), for: .seconds(-5))
        try await store.save("new", ByteBuffer(string: "y"), for: .minutes(5))
        #expect(try await store.load("old") == nil)
        #expect(try await store.load("new") == ByteBuffer(string: "y"))
        #expect(try files.sorted() == ["new", "old"])
        _ = try FileSessionStore(folder: folder)
        #expect(try files == ["new"])
    }

    @Test("a session that is not there is nil, and can be removed")
    func isMissing() async throws {
        let store = try FileSessionStore(folder: folder)
        #expect(try await store.load("none") == nil)
        try await store.remove("none")
    }
}
