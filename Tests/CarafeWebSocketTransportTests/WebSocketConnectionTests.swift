import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("WebSocketConnection", .timeLimit(.minutes(10)))
struct WebSocketConnectionTests {
    // MARK: Frames

    @Test("RFC 6455 §5.5.2: a ping is answered with its payload, between fragments too")
    func ping() async throws {
        let socket = try await EmbeddedWebSocket()
        let payload = ByteBuffer(string: "are you there?")
        try await socket.send([.ping(payload)])
        #expect(try await socket.nextEvent() == .pong(payload))
        try await socket.send([
            Frame(opcode: .text, payload: ByteBuffer(string: "Hel"), isFinal: false),
            .ping(payload),
            Frame(opcode: .continuation, payload: ByteBuffer(string: "lo")),
        ])
        #expect(try await socket.nextEvent() == .pong(payload))
        #expect(try await socket.nextEvent() == .message(.text("Hello")))
    }

    @Test("RFC 6455 §5.5.3: a pong that was not asked for is ignored")
    func pong() async throws {
        let socket = try await EmbeddedWebSocket()
        try await socket.send([.pong(ByteBuffer(string: "hi")), .message(.text("next"))])
        #expect(try await socket.nextEvent() == .message(.text("next")))
    }

    @Test("RFC 6455 §5.4: a fragmented message arrives whole")
    func fragments() async throws {
        let socket = try await EmbeddedWebSocket()
        try await socket.send(Frame.fragments(of: .text("Grüße, 世界"), length: 1))
        #expect(try await socket.receiveText() == "Grüße, 世界")
    }

    private func closeCode(
        sending bytes: ByteBuffer, _ configure: (inout ConnectionLimits) -> Void = { _ in }
    ) async throws -> CloseCode? {
        let socket = try await EmbeddedWebSocket(configure)
        try await socket.send(bytes: bytes)
        while let event = try await socket.nextEvent() {
            if case .close(let code, _) = event { return code }
        }
        return nil
    }

    @Test(
        "RFC 6455 §7.1.7: a peer that breaks the protocol is closed with 1002",
        arguments: [
            // Not masked; a reserved opcode; a reserved bit; a continuation of nothing; a fragmented ping.
            [0x81, 0x01, 0x61], [0x83, 0x80, 0, 0, 0, 0], [0xC1, 0x80, 0, 0, 0, 0], [0x80, 0x80, 0, 0, 0, 0],
            [0x09, 0x80, 0, 0, 0, 0],
        ] as [[UInt8]])
    func protocolError(bytes: [UInt8]) async throws {
        #expect(try await closeCode(sending: ByteBuffer(bytes: bytes)) == .protocolError)
    }

    @Test("RFC 6455 §8.1: text that is not UTF-8 is closed with 1007, before the message is whole")
    func invalidText() async throws {
        let start = Frame(opcode: .text, payload: ByteBuffer(bytes: [0x61, 0xFF]), isFinal: false)
        let bytes = FrameEncoder.encode([start], role: .client)
        #expect(try await closeCode(sending: bytes) == .invalidPayload)
    }

    @Test("a message past its limit is closed with 1009 from its frame header")
    func tooBig() async throws {
        // Masked, binary, with a length of 1 MiB and one byte; none of its bytes follow.
        let header: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 0x01, 1, 2, 3, 4]
        #expect(try await closeCode(sending: ByteBuffer(bytes: header)) == .messageTooBig)
    }

    @Test("a message of exactly 1 MiB passes")
    func bigEnough() async throws {
        let socket = try await EmbeddedWebSocket()
        let message = Message.binary(repeatElement(7, count: 1 << 20))
        try await socket.send(message)
        #expect(try await socket.nextEvent() == .message(message))
    }

    @Test("own limits: 1009 past messageLimit over all fragments, 1008 past fragmentLimit")
    func ownLimits() async throws {
        let long = FrameEncoder.encode(Frame.fragments(of: .text("12345678901"), length: 4), role: .client)
        let longCode = try await closeCode(sending: long) { $0.messageLimit = 10 }
        #expect(longCode == .messageTooBig)
        let many = FrameEncoder.encode(Frame.fragments(of: .text("123456"), length: 1), role: .client)
        let manyCode = try await closeCode(sending: many) { $0.fragmentLimit = 5 }
        #expect(manyCode == .policyViolation)
    }

    @Test("good messages before a fault reach the handler")
    func goodBeforeFault() async throws {
        let texts = Mutex<[String]>([])
        let ended = Gate()
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            while let message = try await connection.receive() { texts.withLock { $0.append(message.text ?? "") } }
            ended.open()
        }
        var bytes = FrameEncoder.encode([.message(.text("good"))], role: .client)
        bytes.writeBytes([0x83, 0x80, 0, 0, 0, 0] as [UInt8])
        try await socket.send(bytes: bytes)
        await ended.wait()
        #expect(texts.withLock { $0 } == ["good"])
    }

    // MARK: Time

    @Test("a silent peer is pinged after 20 seconds, and closed after the second silent period")
    func silence() async throws {
        let socket = try await EmbeddedWebSocket()
        await socket.advanceTime(by: .milliseconds(19_999))
        #expect(try await socket.pendingEvents().isEmpty)
        await socket.advanceTime(by: .milliseconds(1))
        #expect(try await socket.pendingEvents() == [.ping(ByteBuffer())])
        await socket.advanceTime(by: .milliseconds(19_999))
        #expect(socket.isOpen)
        await socket.advanceTime(by: .milliseconds(1))
        #expect(!socket.isOpen)
    }

    @Test("a peer that answers its pings stays")
    func answersPings() async throws {
        let socket = try await EmbeddedWebSocket()
        for _ in 1...30 {
            await socket.advanceTime(by: .seconds(20))
            #expect(try await socket.pendingEvents() == [.ping(ByteBuffer())])
            try await socket.send([.pong()])
        }
        #expect(socket.isOpen)
    }

    @Test("a peer whose last byte is less than two periods old stays")
    func lateByte() async throws {
        let socket = try await EmbeddedWebSocket()
        await socket.advanceTime(by: .seconds(19))
        try await socket.send([.pong()])
        await socket.advanceTime(by: .seconds(39))
        #expect(socket.isOpen)
        await socket.advanceTime(by: .seconds(2))
        #expect(!socket.isOpen)
    }

    @Test("the handler of a peer that fell silent ends")
    func silenceEndsHandler() async throws {
        let ended = Gate()
        let socket = try await EmbeddedWebSocket { _ in
        } _: { connection in
            while try await connection.receive() != nil {}
            ended.open()
        }
        await socket.advanceTime(by: .seconds(60))
        await ended.wait()
        #expect(!socket.isOpen)
    }

    @Test("own times")
    func ownTimes() async throws {
        let socket = try await EmbeddedWebSocket {
            $0.pingInterval = .seconds(1)
            $0.silentIntervalLimit = 1
        }
        await socket.advanceTime(by: .seconds(2))
        #expect(!socket.isOpen)
    }

    // MARK: Closing

    @Test("RFC 6455 §5.5.1: a close frame is answered with its code", arguments: [1000, 1001, 3000, 4999] as [UInt16])
    func closeIsEchoed(code: UInt16) async throws {
        let socket = try await EmbeddedWebSocket()
        try await socket.send([.close(CloseCode(rawValue: code), reason: "done")])
        #expect(try await socket.nextEvent() == .close(code: CloseCode(rawValue: code), reason: ""))
        #expect(try await socket.nextEvent() == nil)
    }

    @Test("RFC 6455 §5.5.1: a close frame without a code is answered without one")
    func closeWithoutCode() async throws {
        let socket = try await EmbeddedWebSocket()
        try await socket.send([.close()])
        #expect(try await socket.nextEvent() == .close(code: nil, reason: ""))
    }

    @Test(
        "RFC 6455 §7.4.1: a code that may not be sent is a fault",
        arguments: [999, 1004, 1005, 1006, 1015, 2999, 5000] as [UInt16])
    func badCloseCode(code: UInt16) async throws {
        let payload = ByteBuffer(integer: code)
        let bytes = FrameEncoder.encode([Frame(opcode: .close, payload: payload)], role: .client)
        #expect(try await closeCode(sending: bytes) == .protocolError)
    }

    @Test("RFC 6455 §7.1.1: when the peer has answered our close, the connection closes")
    func closeHandshake() async throws {
        let socket = try await EmbeddedWebSocket { _ in
        } _: { _ in
        }
        #expect(try await socket.nextEvent() == .close(code: .normalClosure, reason: ""))
        #expect(socket.isOpen)
        try await socket.send([.close(.normalClosure)])
        #expect(!socket.isOpen)
    }

    @Test("a peer that does not answer our close is cut after 5 seconds")
    func closeDeadline() async throws {
        let socket = try await EmbeddedWebSocket { _ in
        } _: { _ in
        }
        await socket.advanceTime(by: .milliseconds(4_999))
        #expect(socket.isOpen)
        await socket.advanceTime(by: .milliseconds(1))
        #expect(!socket.isOpen)
    }

    @Test("what the peer sends after our close does not put its deadline off")
    func closeDeadlineStays() async throws {
        let socket = try await EmbeddedWebSocket { _ in
        } _: { _ in
        }
        for _ in 1...4 {
            await socket.advanceTime(by: .seconds(1))
            try await socket.send("still talking")
        }
        await socket.advanceTime(by: .seconds(1))
        #expect(!socket.isOpen)
    }
}
