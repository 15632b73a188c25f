import Carafe
import CarafeTesting
import CarafeWebSocket
import Demos
import Testing

@Suite("NamedGroupChatApp", .timeLimit(.minutes(10)))
struct NamedGroupChatAppTests {
    @Test("the page comes in both languages")
    func page() async throws {
        let client = try TestClient(makeNamedGroupChatApp())
        try await expectPage(client, "/gc", english: "Named group chat", chinese: "有名群聊")
    }

    private func receive(_ socket: TestWebSocket) async throws -> [String: String]? {
        try await socket.receive()?.json([String: String].self)
    }

    @Test("a message goes to everybody with its sender's name, the sender included")
    func everybody() async throws {
        let client = try TestClient(makeNamedGroupChatApp())
        let ada = try await client.openWebSocket("/my_socket/ada")
        let li = try await client.openWebSocket("/my_socket/%E6%9D%8E")
        try await ada.send(#"{"chat": "hello"}"#)
        try await li.send(#"{"from_user": "李", "chat": "你好 \"李\""}"#)
        for member in [ada, li] {
            #expect(try await receive(member) == ["from_user": "ada", "chat": "hello"])
            #expect(try await receive(member) == ["from_user": "李", "chat": "你好 \"李\""])
        }
    }

    @Test("nobody can speak for another, and nothing else gets through")
    func forged() async throws {
        let client = try TestClient(makeNamedGroupChatApp())
        try await client.webSocket("/my_socket/ada") { ada in
            try await ada.send(#"{"from_user": "bob", "chat": "I am bob", "admin": true}"#)
            let received = try await receive(ada)
            #expect(received == ["from_user": "ada", "chat": "I am bob"])
        }
    }

    @Test(
        "the sender alone gets an error for a malformed message, and stays",
        arguments: [
            "hello", "", #"{"text": "hello"}"#, #"{"chat": 5}"#, #"{"chat": null}"#, "[]", #""chat""#,
        ])
    func errors(text: String) async throws {
        let client = try TestClient(makeNamedGroupChatApp())
        let ada = try await client.openWebSocket("/my_socket/ada")
        let bob = try await client.openWebSocket("/my_socket/bob")
        try await ada.send(text)
        let error = try #require(try await receive(ada))
        #expect(error.keys.sorted() == ["error"])
        #expect(error["error"]?.isEmpty == false)
        try await ada.send(#"{"chat": "sorry"}"#)
        #expect(try await receive(ada) == ["from_user": "ada", "chat": "sorry"])
        #expect(try await receive(bob) == ["from_user": "ada", "chat": "sorry"])
    }

    @Test("a name in use is refused with 409 before the upgrade, and free again after")
    func nameInUse() async throws {
        let client = try TestClient(makeNamedGroupChatApp())
        let ada = try await client.openWebSocket("/my_socket/ada")
        let refusal = await #expect(throws: TestHandshakeError.self) {
            try await client.webSocket("/my_socket/ada") { _ in }
        }
        #expect(refusal?.response.status == .conflict)
        #expect(try await client.get("/my_socket/ada").status == .conflict)
        #expect(try await client.get("/my_socket/bob").status == .noContent)
        await ada.dropConnection()
        try await client.webSocket("/my_socket/ada") { #expect($0.isOpen) }
    }

    @Test(
        "empty and over-long names are 400",
        arguments: ["/my_socket/%20", "/my_socket/", "/my_socket/" + String(repeating: "a", count: 33)])
    func badNames(path: String) async throws {
        let client = try TestClient(makeNamedGroupChatApp())
        let refusal = await #expect(throws: TestHandshakeError.self) { try await client.webSocket(path) { _ in } }
        #expect(refusal?.response.status == .badRequest)
        #expect(try await client.get(path).status == .badRequest)
    }
}
