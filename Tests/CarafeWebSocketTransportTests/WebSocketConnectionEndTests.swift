import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore
import TestSupport
import Testing

/// Things that are easily lost at an end: the last messages, a peer that is not heard.
@Suite("WebSocketConnection: the end", .timeLimit(.minutes(10)))
struct WebSocketConnectionEndTests {
    @Test("what came before a close frame is answered, also when the end of the bytes is right behind it")
    func closeWithEnd() async throws {
        let gate = Gate()
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            await gate.wait()
            while let message = try await connection.receive() { try await connection.send(message) }
        }
        try await socket.send([.message(.text("one")), .message(.text("two")), .close(.normalClosure)])
        try await socket.finishSending()
        gate.open()
        #expect(try await socket.nextEvent() == .message(.text("one")))
        #expect(try await socket.nextEvent() == .message(.text("two")))
        #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: ""))
    }

    @Test("after an own close nothing more is received, not even what waited")
    func receiveAfterClose() async throws {
        let gate = Gate()
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            await gate.wait()
            let first = try await connection.receive()?.text
            connection.close(.normalClosure, reason: first ?? "")
            #expect(try await connection.receive() == nil)
        }
        try await socket.send([.message(.text("a")), .message(.text("b"))])
        gate.open()
        #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: "a"))
    }

    @Test(
        "a peer that is not read and takes nothing is silent; one that takes something is not",
        arguments: [true, false])
    func unheard(takes: Bool) async throws {
        let gate = Gate()
        let socket = try await EmbeddedWebSocket {
            $0.inboundMessageLimit = 1
        } _: { _ in
            await gate.wait()
        }
        try await socket.send([.message(.text("a")), .message(.text("b"))])
        try await socket.setReading(false)
        for _ in 0..<3 {
            await socket.advanceTime(by: .seconds(20))
            if takes {
                try await socket.setReading(true)
                try await socket.setReading(false)
            }
        }
        #expect(socket.isOpen == takes)
        gate.open()
        await socket.dropConnection()
    }
}
