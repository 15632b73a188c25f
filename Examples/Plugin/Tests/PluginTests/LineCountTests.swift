import Carafe
import CarafeTesting
import Logging
import Plugin
import Testing

@Suite("LineCount", .timeLimit(.minutes(10)))
struct LineCountTests {
    private struct Broken: Error {}

    private let lines = LineCount()

    private func makeApp() throws -> App {
        var app = App()
        try app.install(lines)
        app.get("/text") { _ in "one\ntwo\n" }
        app.get("/stream") { _ in
            Response { writer in for row in 1...3 { try await writer.write("row \(row)\n") } }
        }
        app.get("/broken") { _ in
            Response { writer in
                try await writer.write("row\n")
                throw Broken()
            }
        }
        return app
    }

    @Test("lines are counted in whole bodies and in streamed ones, which arrive as they were")
    func counts() async throws {
        let client = try TestClient(makeApp())
        #expect(try await client.get("/text").text == "one\ntwo\n")
        #expect(lines.count == 2)
        #expect(try await client.get("/stream").text == "row 1\nrow 2\nrow 3\n")
        #expect(lines.count == 5)
        #expect(client.log.map(\.message).filter { $0.hasPrefix("sent") } == ["sent 2 lines", "sent 3 lines"])
    }

    @Test("a stream that breaks off counts with the lines that were sent")
    func breaksOff() async throws {
        let client = try TestClient(makeApp())
        await #expect(throws: Broken.self) { try await client.get("/broken") }
        #expect(lines.count == 1)
        #expect(client.log.last { $0.message == "sent 1 lines" }?.metadata["ending"] == "brokenOff")
    }
}
