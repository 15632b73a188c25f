import Carafe
import CarafeRooms
import CarafeTesting
import FoundationEssentials
import NIOCore
import TestSupport
import Testing

/// Things that are easily lost at an end: the last messages, a waiting task, a peer that nobody hears.
@Suite("WebSocket's end", .timeLimit(.minutes(10)))
struct WebSocketEndTests {
    private func client(
        _ configure: (inout WebSocketOptions) -> Void = { _ in },
        _ handler: @escaping @Sendable (WebSocket) async throws -> Void
    ) throws -> TestClient {
        var options = WebSocketOptions()
        configure(&options)
        var app = App()
        app.webSocket("/ws", options: options, handler)
        return try TestClient(app)
    }

    @Test("a receiver that is cancelled takes no other with it")
    func cancellation() async throws {
        let client = try client { socket in
            try await socket.accept()
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { _ = try? await socket.receive() }
                do {
                    let text = try await socket.receive()?.text
                    try await socket.send("got \(text ?? "nothing")")
                } catch {
                    try? await socket.send("\(error)")
                }
            }
        }
        try await client.webSocket("/ws") { socket async throws in
            try await socket.send("hello")
            #expect(try await socket.receiveText() == "got hello")
        }
    }

    @Test("a second receiver is an error, and the first goes on")
    func concurrentReceive() async throws {
        let client = try client { socket in
            try await socket.accept()
            async let first = socket.receive()
            await Task.yield()
            do {
                _ = try await socket.receive()
            } catch {
                try await socket.send("\(error is ConcurrentReceiveError)")
            }
            try await socket.send(try await first?.text ?? "nothing")
        }
        try await client.webSocket("/ws") { socket async throws in
            #expect(try await socket.receiveText() == "true")
            try await socket.send("hello")
            #expect(try await socket.receiveText() == "hello")
        }
    }

    @Test("a message that a room had before the end goes out, to the member that leaves too", arguments: [true, false])
    func room(closes: Bool) async throws {
        let room = Room()
        let client = try client { socket in
            try await room.join(socket, as: "me")
            try await room.publish("to all")
            try await room.publish(.text("to me"), to: ["me"])
            if closes { try await socket.close(.normalClosure) }
        }
        try await client.webSocket("/ws") { socket async throws in
            #expect(try await socket.nextEvent() == .message(.text("to all")))
            #expect(try await socket.nextEvent() == .message(.text("to me")))
            #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: ""))
        }
    }

    @Test("a peer that has finished sending and reads nothing is cut off after the time of the closing handshake")
    func halfClosed() async throws {
        let hasEnded = Gate()
        var options = WebSocketOptions()
        options.closeTimeout = .milliseconds(100)
        options.pingInterval = .hours(1)
        var app = App()
        app.webSocket("/ws", options: options) { socket in
            defer { hasEnded.open() }
            while true { try await socket.send(String(repeating: "a", count: 500_000)) }
        }
        try await withServer(app) { url in
            let client = try await FrameClient.open(port: url.port ?? 0, "/ws")
            try await client.socket.setReading(false)
            try await client.socket.finishSending()
            await hasEnded.wait()
            // It may have noticed that it was cut off.
            try? await client.socket.setReading(true)
            #expect(await client.closeCode() == nil)
            try await client.socket.close()
        }
    }
}
