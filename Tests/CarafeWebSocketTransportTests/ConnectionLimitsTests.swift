import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore
import TestSupport
import Testing

@Suite("ConnectionLimits", .timeLimit(.minutes(10)))
struct ConnectionLimitsTests {
    private func piece(_ text: String, isFinal: Bool = false, isFirst: Bool = false) -> Frame {
        Frame(opcode: isFirst ? .text : .continuation, payload: ByteBuffer(string: text), isFinal: isFinal)
    }

    @Test("1008 for a message that is not whole in time, in fragments and in one frame")
    func messageExpires() async throws {
        let half = FrameEncoder.encode([.message(.binary([1, 2, 3, 4, 5]))], role: .client)
        for start in [FrameEncoder.encode([piece("a", isFirst: true)], role: .client), try #require(half.first(8))] {
            let socket = try await EmbeddedWebSocket { $0.messageTimeout = .seconds(30) }
            try await socket.send("before")
            #expect(try await socket.receiveText() == "before")
            try await socket.send(bytes: start)
            await socket.advanceTime(by: .seconds(15))
            // Other frames do not make it younger.
            try await socket.send(bytes: try #require(pingIfAllowed(after: start)))
            await socket.advanceTime(by: .seconds(15))
            let events = try await socket.pendingEvents()
            guard case .close(let code, let reason) = events.last else {
                Issue.record("expected a close frame, found \(events)")
                return
            }
            #expect(code == .policyViolation)
            #expect(reason == "expected the end of a message sooner")
        }
    }

    /// Between fragments a ping may stand; inside a frame only the frame's own bytes.
    private func pingIfAllowed(after start: ByteBuffer) -> ByteBuffer? {
        start.readableBytes == 8 ? ByteBuffer(bytes: [0x00]) : FrameEncoder.encode([.pong()], role: .client)
    }

    @Test("the time of a message begins with its own first byte")
    func messageInTime() async throws {
        let socket = try await EmbeddedWebSocket { $0.messageTimeout = .seconds(30) }
        for _ in 1...4 {
            try await socket.send([piece("a", isFirst: true)])
            await socket.advanceTime(by: .seconds(19))
            try await socket.send([piece("b", isFinal: true)])
            #expect(try await socket.receiveText() == "ab")
        }
    }

    @Test("past inboundMessageLimit nothing more is taken until the handler reads")
    func inboundMessageLimit() async throws {
        let gate = Gate()
        let socket = try await EmbeddedWebSocket {
            $0.inboundMessageLimit = 3
        } _: { connection in
            await gate.wait()
            while let message = try await connection.receive() { try await connection.send(message) }
        }
        try await socket.send([.message(.text("")), .message(.text("")), .ping()])
        #expect(try await socket.pendingEvents() == [.pong(ByteBuffer())])
        try await socket.send([.message(.text("")), .message(.text("last")), .ping()])
        #expect(try await socket.pendingEvents().isEmpty)
        gate.open()
        var texts: [String] = []
        while texts.last != "last", let text = try await socket.receiveText() { texts.append(text) }
        #expect(texts == ["", "", "", "last"])
    }
}

extension ByteBuffer {
    fileprivate func first(_ length: Int) -> ByteBuffer? { getSlice(at: readerIndex, length: length) }
}
