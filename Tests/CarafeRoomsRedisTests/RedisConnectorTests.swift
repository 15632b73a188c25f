import CarafeRedisCodec
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeRoomsRedis

@Suite("Opening a connection", .timeLimit(.minutes(10)))
struct RedisConnectorTests {
    private static let information = "$58\r\nredis_version:7.0.15\r\nrun_id:abcdefghij\r\nmaster_replid:a\r\n\r\n"

    /// Begins a handshake on a channel in memory.
    private func begin() throws -> (EmbeddedChannel, EventLoopFuture<RedisConnection>) {
        let channel = EmbeddedChannel()
        _ = try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
        let connector = try RedisConnector(try RedisAddress("redis://h"), RedisOptions())
        let future = connector.shakeHands(on: channel, deadline: .seconds(2), onMessage: nil, onEnd: { _ in })
        channel.embeddedEventLoop.run()
        return (channel, future)
    }

    private func failure(of future: EventLoopFuture<RedisConnection>) -> String {
        do {
            _ = try future.wait()
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test("the first commands are one write, and their replies make the connection")
    func ready() throws {
        let (channel, future) = try begin()
        let sent = try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) } ?? ""
        #expect(sent.hasPrefix("*3\r\n$6\r\nCLIENT\r\n"))
        #expect(sent.hasSuffix("*1\r\n$4\r\nPING\r\n"))
        try channel.writeInbound(ByteBuffer(string: "+OK\r\n" + Self.information + "+PONG\r\n"))
        let connection = try future.wait()
        #expect(connection.server == RedisServer(term: "abcdefghija", version: "7.0.15"))
        // The deadline of the handshake is over.
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(channel.isActive)
        connection.close(.notConnected)
        connection.send(RedisCommand("PING")) { result in
            let failure: RedisUnavailableError? = if case .failure(let error) = result { error } else { nil }
            #expect(failure == .notConnected)
        }
        #expect(!channel.isActive)
    }

    @Test(
        "a server that is not a Redis is an error at once, and the channel is closed",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", "RESP2"), ("$99999999999999999999\r\n", "RESP2"),
            ("*2147483648\r\n", "RESP2"), (":1\r\n", "CLIENT SETNAME"),
            ("-DENIED Redis is running in protected mode\r\n", "protected mode"),
            ("-NOAUTH Authentication required.\r\n", "password"), ("+OK\r\n$3\r\nabc\r\n", "run_id"),
        ])
    func badReplies(text: String, part: String) throws {
        let (channel, future) = try begin()
        _ = try? channel.writeInbound(ByteBuffer(string: text))
        let failure = failure(of: future)
        #expect(failure.contains(part), "\(failure)")
        #expect(!channel.isActive)
    }

    @Test(
        "silence, half a reply, and a huge length are an error at the deadline",
        arguments: ["", "+O", "$900000000\r\nabc"])
    func silence(text: String) throws {
        let (channel, future) = try begin()
        try channel.writeInbound(ByteBuffer(string: text))
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(failure(of: future) == "\(RedisUnavailableError.timedOut(.seconds(2)))")
        #expect(!channel.isActive)
    }

    @Test("the end of the channel is an error")
    func end() throws {
        let (channel, future) = try begin()
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(failure(of: future).contains("closed"))
    }
}
