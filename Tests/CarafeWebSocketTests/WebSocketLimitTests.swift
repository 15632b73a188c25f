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
        } catch let error as TestHandshakeError {
            return error.response
        }
    }

    // MARK: The handshake

    @Test("503 past connectionLimit, before the upgrade, and a free place when one has left")
    func connectionLimit() async throws {
        let client = try client { $0.connectionLimit = 2 }
        let first = try await client.openWebSocket("/ws")
        let second = try await client.openWebSocket("/ws")
        let refused = try #require(await refusal(of: client))
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.headers[.retryAfter] == "5")
        await first.dropConnection()
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

    @Test("send waits past sendLimit bytes that the socket has not taken")
    func sendLimit() async throws {
        // What the sockets of the system take in between is the same for both.
        let small = try await sentBytes(sendLimit: 1)
        let large = try await sentBytes(sendLimit: 32 << 20)
        #expect(large - small > 16 << 20)
        #expect(small < 16 << 20)
    }

    /// The number of bytes sent to a peer that does not read until a `send` waits.
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
            try await client.socket.setReading(false)
            try await client.send("go")
            await waits.wait()
            try await client.socket.close()
        }
        return sent.withLock { $0 }
    }
}
