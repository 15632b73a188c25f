import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("WebSocketConnection: backpressure", .timeLimit(.minutes(10)))
struct WebSocketConnectionBackpressureTests {
    @Test("send waits while the peer does not read")
    func sendWaits() async throws {
        let sent = Mutex(0)
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            _ = try await connection.receive()
            for number in 1...5 {
                try await connection.send(.text("\(number)"))
                sent.withLock { $0 = number }
            }
            _ = try await connection.receive()
        }
        try await socket.setReading(false)
        try await socket.send("go")
        #expect(sent.withLock { $0 } == 0)
        try await socket.setReading(true)
        #expect(sent.withLock { $0 } == 5)
        for number in 1...5 { #expect(try await socket.receiveText() == "\(number)") }
    }

    @Test("a send that waits throws WebSocketClosedError when the peer leaves")
    func waitingSendEnds() async throws {
        let thrown = Mutex<(any Error)?>(nil)
        let ended = Gate()
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            _ = try await connection.receive()
            do { try await connection.send(.text("never read")) } catch { thrown.withLock { $0 = error } }
            ended.open()
        }
        try await socket.setReading(false)
        try await socket.send("go")
        await socket.dropConnection()
        await ended.wait()
        #expect(thrown.withLock { $0 is WebSocketClosedError })
    }

    @Test("past inboundLimit nothing more is taken until the handler reads")
    func inboundLimit() async throws {
        let gate = Gate()
        let received = Mutex(0)
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            await gate.wait()
            while let message = try await connection.receive() {
                received.withLock { $0 += message.bytes.readableBytes }
            }
        }
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
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            while try await connection.receive() != nil {}
        }
        try await socket.setReading(false)
        let ping = try Frame.ping(ByteBuffer(repeating: 0x61, count: 125))
        for _ in 1...100 { try await socket.send(Array(repeating: ping, count: 100)) }
        try await socket.setReading(true)
        // RFC 6455 §5.5.3: of several pings, the last one may be answered alone; the peer may also be closed.
        let pongs = try await socket.pendingEvents()
        #expect(!pongs.isEmpty)
        #expect(pongs.count < 1000)
    }

    @Test("a peer may ping 10 times in a second; more is closed with 1008")
    func pingLimit() async throws {
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            while try await connection.receive() != nil {}
        }
        let ten = Array(repeating: try Frame.ping(), count: 10)
        for _ in 1...3 {
            try await socket.send(ten)
            #expect(try await socket.pendingEvents().count == 10)
            await socket.advanceTime(by: .seconds(1))
        }
        try await socket.send(ten + [try Frame.ping()])
        guard case .close(let code, _)? = try await socket.pendingEvents().last else {
            Issue.record("expected a close frame")
            return
        }
        #expect(code == .policyViolation)
    }
}
