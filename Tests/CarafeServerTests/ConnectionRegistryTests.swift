import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeServer

@Suite("ConnectionRegistry", .timeLimit(.minutes(1)))
struct ConnectionRegistryTests {
    @Test("without connections there is nothing to wait for")
    func empty() async {
        let registry = ConnectionRegistry()
        await registry.waitUntilEmpty()
        #expect(Bool(true), "the wait has ended")
    }

    @Test("the wait ends when the last connection does")
    func waits() async throws {
        let registry = ConnectionRegistry()
        let channels = [NIOAsyncTestingChannel(), NIOAsyncTestingChannel()]
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
        registry.beginStopping()
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        registry.add(channel)
        try await channel.closeFuture.get()
        #expect(!channel.isActive)
    }

    @Test("closing all closes all")
    func closeAll() async throws {
        let registry = ConnectionRegistry()
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        registry.add(channel)
        registry.closeAll()
        await registry.waitUntilEmpty()
        #expect(!channel.isActive)
    }
}
