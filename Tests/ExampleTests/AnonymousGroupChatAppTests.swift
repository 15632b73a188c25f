import Carafe
import CarafeTesting
import Demos
import Testing

@Suite("AnonymousGroupChatApp", .timeLimit(.minutes(10)))
struct AnonymousGroupChatAppTests {
    @Test("the page comes in both languages")
    func page() async throws {
        let client = try TestClient(makeAnonymousGroupChatApp())
        try await expectPage(client, "/gc", english: "Anonymous group chat", chinese: "无名群聊")
    }

    @Test("each text goes to everybody as it was, the sender included")
    func everybody() async throws {
        let client = try TestClient(makeAnonymousGroupChatApp())
        let members = [
            try await client.openWebSocket("/my_socket"), try await client.openWebSocket("/my_socket"),
            try await client.openWebSocket("/my_socket"),
        ]
        try await members[0].send("大家好")
        try await members[1].send("<b>hi</b>")
        for member in members {
            #expect(try await member.receiveText() == "大家好")
            #expect(try await member.receiveText() == "<b>hi</b>")
        }
    }

    @Test("a member that has left does not disturb the others")
    func vanished() async throws {
        let client = try TestClient(makeAnonymousGroupChatApp())
        let gone = try await client.openWebSocket("/my_socket")
        try await client.webSocket("/my_socket") { socket in
            await gone.dropConnection()
            try await socket.send("anybody?")
            #expect(try await socket.receiveText() == "anybody?")
        }
    }
}
