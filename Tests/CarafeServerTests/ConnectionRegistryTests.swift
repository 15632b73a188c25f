import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import CarafeServer

@Suite("ConnectionRegistry", .timeLimit(.minutes(10)))
struct ConnectionRegistryTests {
    private func connect(_ listener: StopListener = StopListener()) async throws -> NIOAsyncTestingChannel {
        let channel = NIOAsyncTestingChannel()
        try await channel.pipeline.addHandler(listener).get()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        return channel
    }

    @Test("the wait ends when the last connection does")
    func waits() async throws {
        let registry = ConnectionRegistry()
        // Nothing to wait for.
        await registry.waitUntilEmpty()
        let channels = [try await connect(), try await connect()]
        for channel in channels { registry.add(channel) }
        let waiting = Task {
            await registry.waitUntilEmpty()
            return channels.map(\.isActive)
        }
        for channel in channels { try await channel.close().get() }
        #expect(await waiting.value == [false, false])
    }

    @Test("a connection that comes while the server stops is closed")
    func late() async throws {
        let registry = ConnectionRegistry()
        registry.beginStopping(within: .seconds(5), on: NIOAsyncTestingEventLoop())
        let channel = try await connect()
        registry.add(channel)
        try await channel.closeFuture.get()
        #expect(!channel.isActive)
    }

    @Test(
        "a stop is told to 256 connections at a time, within its time",
        arguments: [
            (TimeAmount.seconds(5), TimeAmount.milliseconds(20)), (.milliseconds(30), .milliseconds(10)),
        ])
    func pace(time: TimeAmount, pause: TimeAmount) async throws {
        let registry = ConnectionRegistry()
        let listener = StopListener()
        let channels = try await withThrowingTaskGroup(of: NIOAsyncTestingChannel.self) { group in
            for _ in 1...600 { group.addTask { try await connect(listener) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for channel in channels { registry.add(channel) }
        let eventLoop = NIOAsyncTestingEventLoop()
        registry.beginStopping(within: time, on: eventLoop)
        for (wait, count) in [(TimeAmount.zero, 256), (pause, 512), (pause, 600)] {
            await eventLoop.advanceTime(by: wait)
            for channel in channels { await channel.testingEventLoop.run() }
            #expect(listener.count.withLock { $0 } == count)
        }
    }

    @Test("closing all closes all")
    func closeAll() async throws {
        let registry = ConnectionRegistry()
        let channel = try await connect()
        registry.add(channel)
        registry.closeAll()
        await registry.waitUntilEmpty()
        #expect(!channel.isActive)
    }
}

/// Counts how often it is told that the server stops.
private final class StopListener: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    let count = Mutex(0)

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { count.withLock { $0 += 1 } }
    }
}
