import CarafeHTTP
import NIOCore
import NIOEmbedded
import NIOPosix
import TestSupport
import Testing

@testable import CarafeServer

@Suite("UnsentBytes", .timeLimit(.minutes(10)))
struct UnsentBytesTests {
    #if os(Linux)
        @Test("bytes are there until the peer's system has them")
        func socket() async throws {
            let (accepted, channels) = AsyncStream.makeStream(of: (any Channel).self)
            let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .childChannelInitializer { channel in
                    channels.yield(channel)
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let client = try await SocketClient.connect(port: listener.localAddress?.port ?? 0)
            try await client.setReading(false)
            var iterator = accepted.makeAsyncIterator()
            let channel = try #require(await iterator.next())
            // More than both sockets hold.
            let length = 32 << 20
            channel.writeAndFlush(ByteBuffer(repeating: 0x78, count: length), promise: nil)
            #expect(try await UnsentBytes.areThere(in: channel).get())
            try await client.setReading(true)
            var received = 0
            while received < length, let piece = await client.receive() { received += piece.readableBytes }
            while try await UnsentBytes.areThere(in: channel).get() { await Task.yield() }
            try await channel.close()
            try await listener.close()
        }
    #endif

    @Test("a channel that is not a socket has no unsent bytes")
    func noSocket() async throws {
        let channel = EmbeddedChannel()
        #expect(try await !UnsentBytes.areThere(in: channel).get())
    }
}
