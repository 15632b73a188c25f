import CarafeHTTP
import CarafeRuntime
import CarafeWebSocketCodec
import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport
import Testing

@testable import CarafeWebSocketTransport

@Suite("ConnectionSending", .timeLimit(.minutes(10)))
struct ConnectionSendingTests {
    @Test("a handler that sends without an end gives way to the loop, and what it has sent goes out")
    func fairness() async throws {
        let clock = ManualClock()
        let loop = NIOAsyncTestingEventLoop()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime { clock.now })
        let channel = NIOAsyncTestingChannel(loop: loop)
        let connection = WebSocketConnection(role: .server, limits: ConnectionLimits(), executor: executor)
        try await loop.executeInContext { try channel.pipeline.syncOperations.addHandler(connection) }
        try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.7", port: 4711)).get()
        let task = Task(executorPreference: executor) {
            for _ in 1...100 {
                clock.advance(by: .milliseconds(1))
                try await connection.send(.text("x"))
            }
        }
        await loop.run()
        var sent = try await lengthSent(by: channel)
        #expect((1...6).contains(sent / 3))
        for _ in 1...100 {
            await loop.advanceTime(by: EventLoopExecutor.pause)
            let more = try await lengthSent(by: channel)
            #expect(more / 3 <= 6)
            sent += more
        }
        try await task.value
        // RFC 6455 §5.2: two bytes before a short message of a server.
        #expect(sent == 100 * 3)
    }

    private func lengthSent(by channel: NIOAsyncTestingChannel) async throws -> Int {
        var length = 0
        while let bytes = try await channel.readOutbound(as: ByteBuffer.self) { length += bytes.readableBytes }
        return length
    }
}
