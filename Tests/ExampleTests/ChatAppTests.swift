import Carafe
import CarafeRooms
import CarafeTesting
import Demos
import Foundation
import HTTPTypes
import TestSupport
import Testing

@Suite("ChatApp", .timeLimit(.minutes(10)))
struct ChatAppTests {
    /// A client that has logged in, and its token.
    private func enter(
        _ first: TestClient, as name: String
    ) async throws -> (client: TestClient, token: String) {
        let client = TestClient(beside: first)
        let page = try await client.get("/in/lobby").text
        let token = try #require(page.firstMatch(of: /name="csrf_token" value="([^"]+)"/)?.1)
        let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        let name = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await client.post(
            "/login", headers: form, body: "csrf_token=\(token)&name=\(name)&room=tea")
        #expect(answer.status == .seeOther && answer.headers[.location] == "/in/tea")
        let room = try await client.get("/in/tea").text
        return (client, String(room.firstMatch(of: /data-token="([^"]+)"/)?.1 ?? ""))
    }

    private func say(_ json: String, by person: (client: TestClient, token: String)) async throws -> TestResponse {
        try await person.client.post(
            "/rooms/tea", headers: [HTTPField.Name("X-CSRF-Token")!: person.token], body: json)  // A token.
    }

    @Test("the page comes in both languages")
    func page() async throws {
        for (wanted, title) in [("en", "Chat"), ("zh-CN", "聊天")] {
            let page = try await TestClient(makeChatApp()).get("/in/lobby", headers: [.acceptLanguage: wanted])
            #expect(page.text.contains("<title>\(title)</title>") && !page.text.contains("{{"))
        }
        #expect(try await TestClient(makeChatApp()).get("/").headers[.location] == "/in/lobby")
        #expect(try await TestClient(makeChatApp()).get("/in/cellar").status == .notFound)
    }

    @Test("without a name nobody reads or writes")
    func nameless() async throws {
        let client = try TestClient(makeChatApp())
        #expect(try await client.get("/rooms/tea").status == .unauthorized)
        #expect(try await client.post("/rooms/tea", body: "{\"text\":\"x\"}").status == .forbidden, "no token")
    }

    @Test("a name belongs to whom took it first", arguments: [("Ann", "taken"), ("", "bad"), ("\u{0}", "bad")])
    func names(name: String, reason: String) async throws {
        let app = try TestClient(makeChatApp())
        _ = try await enter(app, as: "Ann")
        let (other, _) = try await enter(app, as: name)
        // The page that asks for a name has said why, once.
        #expect(try await other.get("/rooms/tea").status == .unauthorized)
    }

    @Test("the server signs messages; a private message reaches one person only")
    func privately() async throws {
        let app = try TestClient(makeChatApp())
        let (ann, bob, eve) = (
            try await enter(app, as: "Ann"), try await enter(app, as: "Bob"), try await enter(app, as: "Eve")
        )
        for person in [ann, bob, eve] { _ = try await person.client.get("/rooms/tea") }
        #expect(try await say(#"{"text":"hi","from":"Bob"}"#, by: ann).status == .created)
        #expect(try await say(#"{"text":"psst","to":"Bob"}"#, by: ann).status == .created)
        #expect(try await say(#"{"text":"psst","to":"Zoe"}"#, by: ann).status == .notFound)
        #expect(try await say(#"{"text":""}"#, by: ann).status == .badRequest)
        let heard = try await eve.client.get("/rooms/tea?last=9").text
        #expect(heard.contains(#""from":"Ann""#) && heard.contains("hi") && !heard.contains("psst"))
        for person in [ann, bob] { #expect(try await person.client.get("/rooms/tea?last=9").text.contains("psst")) }
    }

    @Test("who logs out reads and writes no more in any tab, has left, and may come back")
    func logout() async throws {
        let app = try TestClient(makeChatApp())
        let (ann, bob) = (try await enter(app, as: "Ann"), try await enter(app, as: "Bob"))
        _ = try await bob.client.get("/rooms/tea")
        try await ann.client.webSocket("/rooms/tea") { socket async throws in
            _ = try await socket.receiveText()
            let form: HTTPFields = [HTTPField.Name("X-CSRF-Token")!: ann.token]  // A token.
            #expect(try await ann.client.post("/logout", headers: form).status == .seeOther)
            while try await socket.receive() != nil {}
            #expect(try await say(#"{"text":"psst","to":"Ann"}"#, by: bob).status == .notFound)
        }
        #expect(try await ann.client.get("/rooms/tea").status == .unauthorized)
        #expect(try await ann.client.get("/in/tea").text.contains("name=\"name\""))
    }

    @Test("names and what was said outlive the program")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/chat.sqlite"
        let first = try TestClient(makeChatApp(await .file(path)))
        let answer = try await say(#"{"text":"kept"}"#, by: try await enter(first, as: "Ann"))
        let position = try #require(answer.headers[HTTPField.Name("Room-Position")!])
        try await first.stop()
        let second = try TestClient(makeChatApp(await .file(path)))
        let other = try await enter(second, as: "Ann").client
        #expect(try await other.get("/rooms/tea").status == .unauthorized, "the name is another's")
        let bob = try await enter(second, as: "Bob").client
        #expect(try await bob.get("/rooms/tea?last=9").text.contains("kept"))
        #expect(try await !bob.get("/rooms/tea?after=\(position)").text.contains("gap"))
    }
}
