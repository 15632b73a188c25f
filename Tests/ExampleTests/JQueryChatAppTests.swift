import Carafe
import CarafeTesting
import Demos
import Testing

@Suite("JQueryChatApp", .timeLimit(.minutes(10)))
struct JQueryChatAppTests {
    @Test("the page comes in both languages")
    func page() async throws {
        let client = try TestClient(makeJQueryChatApp())
        try await expectPage(client, "/ww", english: "Group chat with jQuery", chinese: "jQuery 群聊")
    }

    @Test("each text goes to everybody as it was, the sender included")
    func everybody() async throws {
        let client = try TestClient(makeJQueryChatApp())
        try await client.webSocket("/test") { ada in
            try await client.webSocket("/test") { bob in
                try await ada.send("hello")
                let texts = [try await ada.receiveText(), try await bob.receiveText()]
                #expect(texts == ["hello", "hello"])
            }
        }
    }

    @Test("the page's scripts come from /static, jQuery under its version's name")
    func scripts() async throws {
        let client = try TestClient(makeJQueryChatApp())
        let page = try await client.get("/ww").text
        let scripts = page.matches(of: /<script src="([^"]+)"/).map { String($0.1) }
        #expect(scripts.count == 2)
        #expect(scripts.contains { $0.contains(/^\/static\/jquery-3\.[5-9][0-9.]*\.min\.js$/) })
        for script in scripts {
            let response = try await client.get(script)
            #expect(response.status == .ok)
            #expect(response.headers[.contentType]?.hasPrefix("text/javascript") == true)
        }
    }
}
