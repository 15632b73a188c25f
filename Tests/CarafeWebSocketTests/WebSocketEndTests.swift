import Carafe
import CarafeRooms
import CarafeTesting
import FoundationEssentials
import NIOCore
import TestSupport
import Testing

/// What is easily lost at an end: the last messages, a waiting task, a peer that nobody hears.
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
                try await socket.send("\(error is ConcurrentReceive)")
            }
            try await socket.send(try await first?.text ?? "nothing")
        }
        try await client.webSocket("/ws") { socket async throws in
            #expect(try await socket.receiveText() == "true")
            try await socket.send("hello")
            #expect(try await socket.receiveText() == "hello")
        }
    }

    @Test("what a room was given before the end goes out, to the one who leaves too", arguments: [true, false])
    func room(closes: Bool) async throws {
        let room = Room()
        let client = try client { socket in
            try await room.join(socket, as: "me")
            room.publish("to all")
            try room.publish(.text("to me"), to: "me")
            if closes { try await socket.close(.normalClosure) }
        }
        try await client.webSocket("/ws") { socket async throws in
            #expect(try await socket.nextEvent() == .message(.text("to all")))
            #expect(try await socket.nextEvent() == .message(.text("to me")))
            #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: ""))
        }
    }

    @Test("what came before a close frame is answered, also when the end of the bytes is right behind it")
    func closeWithEnd() async throws {
        let gate = Gate()
        let client = try client { socket in
            try await socket.accept()
            await gate.wait()
            for try await message in socket { try await socket.send(message) }
        }
        try await client.webSocket("/ws") { socket async throws in
            try await socket.send([.message(.text("one")), .message(.text("two")), .close(.normalClosure)])
            try await socket.finishSending()
            gate.open()
            #expect(try await socket.nextEvent() == .message(.text("one")))
            #expect(try await socket.nextEvent() == .message(.text("two")))
            #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: ""))
        }
    }

    @Test("after an own close nothing more is received, not even what waited")
    func receiveAfterClose() async throws {
        let gate = Gate()
        let client = try client { socket in
            try await socket.accept()
            await gate.wait()
            let first = try await socket.receive()?.text
            try await socket.close(.normalClosure, reason: first ?? "")
            #expect(try await socket.receive() == nil)
        }
        try await client.webSocket("/ws") { socket async throws in
            try await socket.send([.message(.text("a")), .message(.text("b"))])
            gate.open()
            #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: "a"))
        }
    }

    @Test(
        "a peer that is not read and takes nothing is silent; one that takes something is not",
        arguments: [true, false])
    func unheard(takes: Bool) async throws {
        let gate = Gate()
        let client = try client {
            $0.inboundMessageLimit = 1
        } _: { socket in
            try await socket.accept()
            await gate.wait()
        }
        let socket = try await client.openWebSocket("/ws")
        try await socket.send([.message(.text("a")), .message(.text("b"))])
        try await socket.setReads(false)
        for _ in 0..<3 {
            await client.advanceTime(by: .seconds(20))
            if takes {
                try await socket.setReads(true)
                try await socket.setReads(false)
            }
        }
        #expect(socket.isOpen == takes)
        gate.open()
        await socket.vanish()
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
            try await client.socket.setReads(false)
            try await client.socket.finishSending()
            await hasEnded.wait()
            // It may have noticed that it was cut off.
            try? await client.socket.setReads(true)
            #expect(await client.closeCode() == nil)
            try await client.socket.close()
        }
    }
}
