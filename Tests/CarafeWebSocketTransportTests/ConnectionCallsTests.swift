import CarafeHTTP
import CarafeRuntime
import CarafeWebSocketCodec
import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport
import Testing

@testable import CarafeWebSocketTransport

@Suite("ConnectionCalls", .timeLimit(.minutes(10)))
struct ConnectionCallsTests {
    @Test("a handler that sends without an end lets the loop run in between, and its messages go out")
    func fairness() async throws {
        let clock = ManualClock()
        let loop = NIOAsyncTestingEventLoop()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime { clock.now })
        let channel = NIOAsyncTestingChannel(loop: loop)
        let connection = WebSocketConnection(
            role: .server, limits: SharedLimits(ConnectionLimits()), executor: executor)
        try await loop.executeInContext { try channel.pipeline.syncOperations.addHandler(WebSocketHandler(connection)) }
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

    @Test("a sender that begins to wait after the end fails at once")
    func senderAfterEnd() async throws {
        let loop = NIOAsyncTestingEventLoop()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
        let writer = FrameWriter(role: .server, sendLimit: 1, executor: executor, compression: nil)
        let sender = Task(executorPreference: executor) {
            writer.failSenders(WebSocketClosedError(code: .goingAway))
            try await writer.waitUntilWritable()
        }
        await loop.run()
        await #expect(throws: WebSocketClosedError.self) { try await sender.value }
    }

    @Test(
        "RFC 6455 §5.5.1: a room sends nothing after the close frame, or after the end",
        arguments: ["close", "end"])
    func roomAfterClose(how: String) async throws {
        let loop = NIOAsyncTestingEventLoop()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
        let writer = FrameWriter(role: .server, sendLimit: 1, executor: executor, compression: nil)
        let frames = FrameEncoder.encode(.message(.text("x")))
        try await loop.executeInContext {
            #expect(writer.takesMore && writer.writeNow(frames))
            if how == "close" {
                writer.close(.goingAway, reason: "")
            } else {
                writer.failSenders(WebSocketClosedError(code: .abnormalClosure))
            }
            #expect(!writer.takesMore && !writer.writeNow(frames))
        }
    }

    private func lengthSent(by channel: NIOAsyncTestingChannel) async throws -> Int {
        var length = 0
        while let bytes = try await channel.readOutbound(as: ByteBuffer.self) { length += bytes.readableBytes }
        return length
    }

    @Test("a sender that a close wakes up sends nothing more")
    func closeWakesSender() async throws {
        let loop = NIOAsyncTestingEventLoop()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime(limit: nil))
        let channel = NIOAsyncTestingChannel(loop: loop)
        let connection = WebSocketConnection(
            role: .server, limits: SharedLimits(ConnectionLimits()), executor: executor)
        let socket = WritableAfterFlush(channel)
        try await loop.executeInContext {
            try channel.pipeline.syncOperations.addHandlers([socket, WebSocketHandler(connection)])
        }
        try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.7", port: 4711)).get()
        channel.isWritable = false
        try await loop.executeInContext { channel.pipeline.fireChannelWritabilityChanged() }
        let sender = Task(executorPreference: executor) {
            try await connection.send(.text("a"))
            try await connection.send(.text("late"))
        }
        await loop.run()
        try await loop.executeInContext {
            executor.turn { _ = try? connection.write(.text("b")) }
            // The message is written by the close, which makes the channel writable, and so resumes the sender.
            socket.isArmed = true
            connection.close(.normalClosure)
        }
        await loop.run()
        await #expect(throws: WebSocketClosedError.self) { try await sender.value }
        var decoder = MessageDecoder(role: .client)
        var events: [MessageDecoder.Event] = []
        while var bytes = try await channel.readOutbound(as: ByteBuffer.self) {
            decoder.receive(&bytes)
            while let event = decoder.next() { events.append(event) }
        }
        #expect(events == [.message(.text("a")), .message(.text("b")), .close(code: .normalClosure, reason: "")])
    }
}

/// Makes the channel writable at a flush, as a socket does that takes everything.
// Unchecked: touched on the channel's event loop only.
private final class WritableAfterFlush: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private let channel: NIOAsyncTestingChannel
    var isArmed = false

    init(_ channel: NIOAsyncTestingChannel) {
        self.channel = channel
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard isArmed else { return }
        isArmed = false
        channel.isWritable = true
        context.fireChannelWritabilityChanged()
    }
}
