import Carafe
import CarafeTesting
import CarafeWebSocket
import FoundationEssentials
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("WebSocket: limits", .timeLimit(.minutes(10)))
struct WebSocketLimitTests {
    private func client(
        _ configure: (inout WebSocketOptions) -> Void = { _ in },
        _ handler: @escaping @Sendable (WebSocket) async throws -> Void = { socket in
            for try await message in socket { try await socket.send(message) }
        }
    ) throws -> TestClient {
        var options = WebSocketOptions()
        configure(&options)
        var app = App()
        app.webSocket("/ws", options: options, handler)
        return try TestClient(app)
    }

    private func refusal(of client: TestClient, headers: HTTPFields = [:]) async throws -> TestResponse? {
        do {
            try await client.openWebSocket("/ws", headers: headers).close()
            return nil
        } catch let error as HandshakeRefused {
            return error.response
        }
    }

    // MARK: The handshake

    @Test("503 past connectionLimit, before the upgrade, and room again when one has left")
    func connectionLimit() async throws {
        let client = try client { $0.connectionLimit = 2 }
        let first = try await client.openWebSocket("/ws")
        let second = try await client.openWebSocket("/ws")
        let refused = try #require(await refusal(of: client))
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.headers[.retryAfter] == "5")
        await first.vanish()
        let third = try await client.openWebSocket("/ws")
        #expect(try await refusal(of: client)?.status == .serviceUnavailable)
        try await second.close()
        try await third.close()
        #expect(try await refusal(of: client) == nil)
    }

    @Test("503 past connectionLimitPerAddress")
    func connectionLimitPerAddress() async throws {
        let client = try client { $0.connectionLimitPerAddress = 1 }
        let first = try await client.openWebSocket("/ws")
        #expect(try await refusal(of: client)?.status == .serviceUnavailable)
        try await first.close()
        #expect(try await refusal(of: client) == nil)
    }

    @Test("431 past handshakeLimit")
    func handshakeLimit() async throws {
        let long = String(repeating: "a", count: 2000)
        let client = try client { $0.handshakeLimit = 1000 }
        #expect(try await refusal(of: client, headers: [.cookie: long])?.status == .requestHeaderFieldsTooLarge)
        #expect(try await refusal(of: client) == nil)
    }

    @Test("503 when the handler has not answered within handshakeTimeout, and it is cancelled")
    func handshakeTimeout() async throws {
        let started = Gate()
        let cancelled = Gate()
        let client = try client {
            $0.handshakeTimeout = .seconds(3)
            $0.connectionLimit = 1
        } _: { socket in
            started.open()
            await Gate().wait()
            if Task.isCancelled { cancelled.open() }
            // Too late: the client has had its answer.
            try await socket.send("never")
        }
        let opening = Task { try await refusal(of: client) }
        await started.wait()
        await client.advanceTime(by: .seconds(3))
        #expect(try await opening.value?.status == .serviceUnavailable)
        await cancelled.wait()
    }

    @Test("a handler that answers in time is not disturbed later")
    func handshakeInTime() async throws {
        let gate = Gate()
        let started = Gate()
        let client = try client {
            $0.handshakeTimeout = .seconds(3)
        } _: { socket in
            started.open()
            await gate.wait()
            while let message = try await socket.receive() { try await socket.send(message) }
        }
        let opening = Task { try await client.openWebSocket("/ws") }
        await started.wait()
        await client.advanceTime(by: .seconds(2))
        gate.open()
        let socket = try await opening.value
        await client.advanceTime(by: .seconds(10))
        try await socket.send("still here")
        #expect(try await socket.receiveText() == "still here")
        try await socket.close()
    }

    // MARK: Messages

    private func piece(_ text: String, isFinal: Bool = false, isFirst: Bool = false) -> Frame {
        Frame(opcode: isFirst ? .text : .continuation, payload: ByteBuffer(string: text), isFinal: isFinal)
    }

    @Test("1008 for a message that is not whole in time, in fragments and in one frame")
    func messageExpires() async throws {
        let half = FrameEncoder.encode([.message(.binary([1, 2, 3, 4, 5]))], role: .client)
        for start in [FrameEncoder.encode([piece("a", isFirst: true)], role: .client), try #require(half.first(8))] {
            let client = try client { $0.messageTimeout = .seconds(30) }
            let socket = try await client.openWebSocket("/ws")
            try await socket.send("before")
            #expect(try await socket.receiveText() == "before")
            try await socket.send(bytes: start)
            await client.advanceTime(by: .seconds(15))
            // Other frames do not make it younger.
            try await socket.send(bytes: try #require(pingIfAllowed(after: start)))
            await client.advanceTime(by: .seconds(15))
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
        let client = try client { $0.messageTimeout = .seconds(30) }
        let socket = try await client.openWebSocket("/ws")
        for _ in 1...4 {
            try await socket.send([piece("a", isFirst: true)])
            await client.advanceTime(by: .seconds(19))
            try await socket.send([piece("b", isFinal: true)])
            #expect(try await socket.receiveText() == "ab")
        }
        try await socket.close()
    }

    @Test("past inboundMessageLimit nothing more is taken until the handler reads")
    func inboundMessageLimit() async throws {
        let gate = Gate()
        let client = try client {
            $0.inboundMessageLimit = 3
        } _: { socket in
            try await socket.accept()
            await gate.wait()
            for try await message in socket { try await socket.send(message) }
        }
        let socket = try await client.openWebSocket("/ws")
        try await socket.send([.message(.text("")), .message(.text("")), .ping()])
        #expect(try await socket.pendingEvents() == [.pong(ByteBuffer())])
        try await socket.send([.message(.text("")), .message(.text("last")), .ping()])
        #expect(try await socket.pendingEvents().isEmpty)
        gate.open()
        var texts: [String] = []
        while texts.last != "last", let text = try await socket.receiveText() { texts.append(text) }
        #expect(texts == ["", "", "", "last"])
        try await socket.close()
    }

    @Test("send waits past sendLimit bytes that the socket has not taken")
    func sendLimit() async throws {
        // What the sockets of the system take in between is the same for both.
        let small = try await sentBytes(sendLimit: 1)
        let large = try await sentBytes(sendLimit: 32 << 20)
        #expect(large - small > 16 << 20)
        #expect(small < 16 << 20)
    }

    /// How much is sent to a peer that does not read until a `send` waits.
    private func sentBytes(sendLimit: Int) async throws -> Int {
        let sent = Mutex(0)
        let before = Mutex(-1)
        let waits = Gate()
        let piece = Message.binary(ByteBuffer(repeating: 0, count: 256 << 10))
        var options = WebSocketOptions()
        options.sendLimit = sendLimit
        options.compression = nil
        var app = App()
        app.webSocket("/ws", options: options) { socket in
            _ = try await socket.receive()
            // Between two of these the handler has its turn; when it has sent nothing in that, a `send` waits.
            socket.request.connection.eventLoop.scheduleRepeatedTask(
                initialDelay: .milliseconds(10), delay: .milliseconds(10)
            ) { task in
                let now = sent.withLock { $0 }
                guard
                    before.withLock({ before in
                        defer { before = now }
                        return before == now
                    })
                else { return }
                waits.open()
                task.cancel()
            }
            while true {
                try await socket.send(piece)
                sent.withLock { $0 += 256 << 10 }
            }
        }
        try await withServer(app) { url in
            let client = try await FrameClient.open(port: url.port ?? 0, "/ws")
            try await client.socket.setReads(false)
            try await client.send("go")
            await waits.wait()
            try await client.socket.close()
        }
        return sent.withLock { $0 }
    }
}

extension ByteBuffer {
    fileprivate func first(_ length: Int) -> ByteBuffer? { getSlice(at: readerIndex, length: length) }
}
