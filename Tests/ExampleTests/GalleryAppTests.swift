import Carafe
import CarafeTesting
import CarafeWebSocket
import Demos
import Foundation
import TestSupport
import Testing

@Suite("GalleryApp", .timeLimit(.minutes(10)))
struct GalleryAppTests {
    @Test("the index comes in both languages")
    func index() async throws {
        try await expectPage(
            TestClient(makeGalleryApp()), "/", english: "Carafe gallery", chinese: "Carafe 示例")
    }

    @Test("every link of the index leads to a page, and every script of a page is there")
    func links() async throws {
        let client = try TestClient(makeGalleryApp())
        let links = try await client.get("/").text.matches(of: /<a href="([^"]+)"/).map { "/" + $0.1 }
        #expect(
            links == [
                "/echo/", "/anonymous/gc", "/named/gc", "/private/sl", "/jquery/ww", "/transports/", "/chat/in/lobby",
            ])
        for link in links {
            let page = try await client.get(link)
            #expect(page.status == .ok)
            for script in page.text.matches(of: /<script src="([^"]+)"/) {
                let path = script.1.hasPrefix("/") ? String(script.1) : link + script.1
                #expect(try await client.get(path).status == .ok, "\(path)")
            }
        }
        #expect(try await client.get("/echo").headers[.location] == "/echo/")
    }

    @Test("every page has the strict policy, and each script and style in it the page's nonce")
    func contentSecurity() async throws {
        let client = try TestClient(makeGalleryApp())
        for link in [
            "/", "/echo/", "/anonymous/gc", "/named/gc", "/private/sl", "/jquery/ww", "/transports/",
        ] {
            let page = try await client.get(link, headers: [.acceptLanguage: "zh"])
            let policy = try #require(page.headers[.contentSecurityPolicy])
            let nonce = try #require(policy.firstMatch(of: /script-src 'self' 'nonce-([^']+)'/)).1
            #expect(policy.hasPrefix("default-src 'self'; "))
            let inline = page.text.matches(of: /<(script|style)(?![^>]*( src=|application\/json))[^>]*>/).map {
                String($0.0)
            }
            #expect(!inline.isEmpty && inline.allSatisfy { $0.contains("nonce=\"\(nonce)\"") }, "\(link): \(inline)")
        }
    }

    // MARK: Over a real port

    private func json(_ client: FrameClient) async throws -> [String: String]? {
        try await client.receiveText().map { try Message.text($0).json([String: String].self) }
    }

    @Test("echo, over a port")
    func echo() async throws {
        try await withServer(makeGalleryApp()) { url in
            let port = url.port ?? 0
            let client = try await FrameClient.open(port: port, "/echo/my_socket")
            try await client.send("回声")
            #expect(await client.receiveText() == "回声")
            try await client.send([.message(.binary([1, 0, 255]))])
            #expect(await client.nextEvent() == .message(.binary([1, 0, 255])))
            try await client.close()
            let plain = try await SocketClient.connect(port: port)
            try await plain.send("GET /echo/my_socket?q=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            let report = await plain.receiveResponse()
            #expect(report.head.contains("application/json"))
            #expect(
                report.body.contains(#""path":"\/echo\/my_socket""#)
                    || report.body.contains(#""path":"/echo/my_socket""#))
            try await plain.close()
        }
    }

    @Test("both anonymous group chats, over a port, each for itself")
    func anonymous() async throws {
        try await withServer(makeGalleryApp()) { url in
            let port = url.port ?? 0
            let ada = try await FrameClient.open(port: port, "/anonymous/my_socket")
            let bob = try await FrameClient.open(port: port, "/anonymous/my_socket")
            let eve = try await FrameClient.open(port: port, "/jquery/test")
            try await ada.send("to the anonymous")
            try await eve.send("to those with jQuery")
            #expect(await ada.receiveText() == "to the anonymous")
            #expect(await bob.receiveText() == "to the anonymous")
            #expect(await eve.receiveText() == "to those with jQuery")
            for client in [ada, bob, eve] { try await client.close() }
        }
    }

    @Test("the named group chat, over a port: names, a refusal with 409, a vanished client")
    func named() async throws {
        try await withServer(makeGalleryApp()) { url in
            let port = url.port ?? 0
            let ada = try await FrameClient.open(port: port, "/named/my_socket/ada")
            let bob = try await FrameClient.open(port: port, "/named/my_socket/bob")
            let refusal = await #expect(throws: HandshakeRefusedError.self) {
                _ = try await FrameClient.open(port: port, "/named/my_socket/ada")
            }
            #expect(refusal?.head.hasPrefix("HTTP/1.1 409 Conflict\r\n") == true)
            try await ada.send(#"{"chat": "hello"}"#)
            #expect(try await json(ada) == ["from_user": "ada", "chat": "hello"])
            #expect(try await json(bob) == ["from_user": "ada", "chat": "hello"])
            try await ada.socket.close()
            // The server hears of it by itself; until then the name is in use.
            var again: FrameClient?
            while again == nil { again = try? await FrameClient.open(port: port, "/named/my_socket/ada") }
            try await again?.send(#"{"chat": "back"}"#)
            #expect(try await json(bob) == ["from_user": "ada", "chat": "back"])
            try await again?.close()
            try await bob.close()
        }
    }

    @Test("names that are empty are 400, over a port", arguments: ["named", "private"])
    func emptyNames(demo: String) async throws {
        try await withServer(makeGalleryApp()) { url in
            for name in ["", "%20"] {
                let refusal = await #expect(throws: HandshakeRefusedError.self) {
                    _ = try await FrameClient.open(port: url.port ?? 0, "/\(demo)/my_socket/\(name)")
                }
                #expect(refusal?.head.hasPrefix("HTTP/1.1 400 Bad Request\r\n") == true)
            }
        }
    }

    @Test("the private chat, over a port")
    func privately() async throws {
        try await withServer(makeGalleryApp()) { url in
            let port = url.port ?? 0
            let ada = try await FrameClient.open(port: port, "/private/my_socket/ada")
            let bob = try await FrameClient.open(port: port, "/private/my_socket/bob")
            try await ada.send(#"{"to_user": "bob", "chat": "psst"}"#)
            #expect(try await json(bob) == ["from_user": "ada", "to_user": "bob", "chat": "psst"])
            try await ada.send(#"{"to_user": "eve", "chat": "psst"}"#)
            #expect(try await json(ada) == ["error": "eve is not here."])
            try await ada.send("nonsense")
            #expect(try await json(ada)?.keys.sorted() == ["error"])
            try await ada.close()
            try await bob.close()
        }
    }
}
