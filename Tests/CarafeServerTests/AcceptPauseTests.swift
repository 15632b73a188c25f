import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeServer

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite("AcceptPause", .timeLimit(.minutes(10)))
struct AcceptPauseTests {
    private func isAccepting(_ channel: EmbeddedChannel) -> Bool {
        let option = channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }
        return option?.value as? Bool ?? true
    }

    /// Stands for a listener whose every accept fails; the count of those.
    private func attempts(for time: TimeAmount, failing code: Int32, log: CountedLines) throws -> Int {
        let loop = EmbeddedEventLoop()
        let channel = EmbeddedChannel(handler: AcceptPause(RareLine(log.logger)), loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let end = loop.now + time
        var count = 0
        while loop.now < end {
            // As SwiftNIO does: at once again, as long as the channel is read.
            if isAccepting(channel) {
                count += 1
                channel.pipeline.fireErrorCaught(IOError(errnoCode: code, reason: "accept"))
            }
            loop.advanceTime(by: .milliseconds(1))
        }
        _ = try? channel.finish()
        return count
    }

    @Test(
        "accept(2): without descriptors or memory it is tried 10 times a second, and said once",
        arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
    func pauses(code: Int32) throws {
        let log = CountedLines()
        let count = try attempts(for: .seconds(10), failing: code, log: log)
        #expect(count == 100)
        #expect(log.texts.count == 1)
        #expect(log.texts.first?.hasPrefix("cannot accept connections: ") == true)
    }

    @Test("a client that has left the backlog is no reason to wait")
    func aborted() throws {
        let log = CountedLines()
        let channel = EmbeddedChannel(handler: AcceptPause(RareLine(log.logger)))
        channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNABORTED, reason: "accept"))
        #expect(throws: IOError.self) { try channel.throwIfErrorCaught() }
        #expect(isAccepting(channel))
        #expect(log.texts.isEmpty)
    }
}
