import Carafe
import CarafeTesting
import Demos
import HTTPTypes
import Testing

@Suite("TransportsApp", .timeLimit(.minutes(10)))
struct TransportsAppTests {
    @Test("the page comes in both languages")
    func page() async throws {
        try await expectPage(
            TestClient(makeTransportsApp()), "/", english: "Five ways to push", chinese: "推送的五种方式")
    }

    @Test("a post reaches a socket, a stream, an iframe and a poll")
    func fiveWays() async throws {
        let client = try TestClient(makeTransportsApp())
        let note = #"{"text":"hello","at":1}"#
        try await client.webSocket("/room") { socket async throws in
            _ = try await socket.receiveText()
            #expect(try await client.post("/room", body: note).status == .created)
            #expect(try await socket.receiveText()?.contains("hello") == true)
        }
        for (path, headers) in [
            ("/room?after=0", [.accept: "text/event-stream"] as HTTPFields), ("/room?after=0&stream=iframe", [:]),
        ] {
            try await client.stream(path, headers: headers) { stream async throws in
                _ = try await stream.nextText()
                #expect(try await stream.nextText()?.contains("hello") == true)
            }
        }
        for path in ["/room?after=0", "/room?after=0&wait=25"] {
            #expect(try await client.get(path).text.contains("hello"))
        }
    }
}
