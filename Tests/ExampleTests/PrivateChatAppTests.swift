import Carafe
import CarafeTesting
import CarafeWebSocket
import Demos
import Testing

@Suite("PrivateChatApp", .timeLimit(.minutes(10)))
struct PrivateChatAppTests {
    @Test("the page comes in both languages")
    func page() async throws {
        let client = try TestClient(makePrivateChatApp())
        try await expectPage(client, "/sl", english: "Private chat", chinese: "私聊")
    }

    private func receive(_ socket: TestWebSocket) async throws -> [String: String]? {
        try await socket.receive()?.json([String: String].self)
    }

    @Test("a message goes to the one it is for, and to nobody else")
    func one() async throws {
        let client = try TestClient(makePrivateChatApp())
        let ada = try await client.openWebSocket("/my_socket/ada")
        let bob = try await client.openWebSocket("/my_socket/bob")
        let eve = try await client.openWebSocket("/my_socket/eve")
        try await ada.send(#"{"to_user": "bob", "chat": "psst"}"#)
        #expect(try await receive(bob) == ["from_user": "ada", "to_user": "bob", "chat": "psst"])
        #expect(try await ada.pendingEvents().isEmpty)
        #expect(try await eve.pendingEvents().isEmpty)
        try await bob.send(#"{"from_user": "eve", "to_user": "ada", "chat": "what?"}"#)
        #expect(try await receive(ada) == ["from_user": "bob", "to_user": "ada", "chat": "what?"])
        try await eve.send(#"{"to_user": "eve", "chat": "note"}"#)
        #expect(try await receive(eve) == ["from_user": "eve", "to_user": "eve", "chat": "note"])
    }

    @Test(
        "the sender alone gets an error, and stays",
        arguments: [
            "hello", #"{"chat": "hello"}"#, #"{"to_user": "bob"}"#, #"{"to_user": 1, "chat": "x"}"#,
            #"{"to_user": "nobody", "chat": "x"}"#, #"{"to_user": "", "chat": "x"}"#,
        ])
    func errors(text: String) async throws {
        let client = try TestClient(makePrivateChatApp())
        let ada = try await client.openWebSocket("/my_socket/ada")
        let bob = try await client.openWebSocket("/my_socket/bob")
        try await ada.send(text)
        let error = try #require(try await receive(ada))
        #expect(error.keys.sorted() == ["error"])
        #expect(try await bob.pendingEvents().isEmpty)
        try await ada.send(#"{"to_user": "bob", "chat": "sorry"}"#)
        #expect(try await receive(bob) == ["from_user": "ada", "to_user": "bob", "chat": "sorry"])
    }

    @Test("a client that has vanished is not present, and its name is free")
    func vanished() async throws {
        let client = try TestClient(makePrivateChatApp())
        let ada = try await client.openWebSocket("/my_socket/ada")
        let bob = try await client.openWebSocket("/my_socket/bob")
        await bob.dropConnection()
        try await ada.send(#"{"to_user": "bob", "chat": "still there?"}"#)
        #expect(try await receive(ada) == ["error": "bob is not here."])
        try await client.webSocket("/my_socket/bob") { _ in
            let refusal = await #expect(throws: TestHandshakeError.self) {
                try await client.webSocket("/my_socket/bob") { _ in }
            }
            #expect(refusal?.response.status == .conflict)
        }
    }

    @Test(
        "empty and over-long names are 400",
        arguments: ["/my_socket/%20", "/my_socket/", "/my_socket/" + String(repeating: "a", count: 33)])
    func badNames(path: String) async throws {
        let client = try TestClient(makePrivateChatApp())
        let refusal = await #expect(throws: TestHandshakeError.self) { try await client.webSocket(path) { _ in } }
        #expect(refusal?.response.status == .badRequest)
        #expect(try await client.get(path).status == .badRequest)
    }
}
