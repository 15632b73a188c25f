import Carafe
import CarafeTesting
import CarafeWebSocket
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("WebSocketConnection: backpressure", .timeLimit(.minutes(10)))
struct WebSocketConnectionBackpressureTests {
    private func client(_ handler: @escaping @Sendable (WebSocket) async throws -> Void) throws -> TestClient {
        var app = App()
        app.webSocket("/ws", handler)
        return try TestClient(app)
    }

    @Test("send waits while the peer does not read")
    func sendWaits() async throws {
        let sent = Mutex(0)
        let client = try client { socket in
            _ = try await socket.receive()
            for number in 1...5 {
                try await socket.send("\(number)")
                sent.withLock { $0 = number }
            }
            _ = try await socket.receive()
        }
        try await client.webSocket("/ws") { socket in
            try await socket.setReads(false)
            try await socket.send("go")
            #expect(sent.withLock { $0 } == 0)
            try await socket.setReads(true)
            #expect(sent.withLock { $0 } == 5)
            for number in 1...5 { #expect(try await socket.receiveText() == "\(number)") }
        }
    }

    @Test("a send that waits throws WebSocketClosed when the peer leaves")
    func waitingSendEnds() async throws {
        let thrown = Mutex<(any Error)?>(nil)
        let ended = Gate()
        let client = try client { socket in
            _ = try await socket.receive()
            do { try await socket.send("never read") } catch { thrown.withLock { $0 = error } }
            ended.open()
        }
        let socket = try await client.openWebSocket("/ws")
        try await socket.setReads(false)
        try await socket.send("go")
        await socket.vanish()
        await ended.wait()
        #expect(thrown.withLock { $0 is WebSocketClosed })
    }

    @Test("past inboundLimit nothing more is taken until the handler reads")
    func inboundLimit() async throws {
        let gate = Gate()
        let received = Mutex(0)
        let client = try client { socket in
            try await socket.accept()
            await gate.wait()
            while let message = try await socket.receive() { received.withLock { $0 += message.bytes.readableBytes } }
        }
        let socket = try await client.openWebSocket("/ws")
        let message = Message.binary(repeatElement(0, count: 64 << 10))
        for _ in 1...3 { try await socket.send(message) }
        try await socket.send([.ping()])
        #expect(try await socket.pendingEvents() == [.pong(ByteBuffer())])
        for _ in 1...2 { try await socket.send(message) }
        try await socket.send([.ping()])
        #expect(try await socket.pendingEvents().isEmpty)
        gate.open()
        #expect(try await socket.nextEvent() == .pong(ByteBuffer()))
        #expect(received.withLock { $0 } == 5 * 64 << 10)
    }

    @Test("a peer that pings and never reads costs a bounded number of pongs")
    func pongsAreBounded() async throws {
        let client = try client { socket in while try await socket.receive() != nil {} }
        let socket = try await client.openWebSocket("/ws")
        try await socket.setReads(false)
        let ping = try Frame.ping(ByteBuffer(repeating: 0x61, count: 125))
        for _ in 1...100 { try await socket.send(Array(repeating: ping, count: 100)) }
        try await socket.setReads(true)
        // RFC 6455 §5.5.3: of several pings, the last one may be answered alone; the peer may also be closed.
        let pongs = try await socket.pendingEvents()
        #expect(!pongs.isEmpty)
        #expect(pongs.count < 1000)
    }

    @Test("a peer may ping 10 times in a second; more is closed with 1008")
    func pingLimit() async throws {
        let client = try client { socket in while try await socket.receive() != nil {} }
        let socket = try await client.openWebSocket("/ws")
        let ten = Array(repeating: try Frame.ping(), count: 10)
        for _ in 1...3 {
            try await socket.send(ten)
            #expect(try await socket.pendingEvents().count == 10)
            await client.advanceTime(by: .seconds(1))
        }
        try await socket.send(ten + [try Frame.ping()])
        guard case .close(let code, _)? = try await socket.pendingEvents().last else {
            Issue.record("expected a close frame")
            return
        }
        #expect(code == .policyViolation)
    }
}
