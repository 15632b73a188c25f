import CarafeRedisCodec
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeRoomsRedis

@Suite("Commands on a channel", .timeLimit(.minutes(10)))
struct RedisCommandHandlerTests {
    /// A channel in memory, and what its commands came to, in order.
    private final class Fixture {
        let channel = EmbeddedChannel()
        let handler: RedisCommandHandler
        let log: Log

        final class Log {
            var replies: [String] = []
            var messages: [String] = []
            var ends: [RedisUnavailableError] = []
        }

        init(_ options: RedisOptions = RedisOptions(), subscribes: Bool = false) throws {
            let log = Log()
            self.log = log
            handler = RedisCommandHandler(
                options, onMessage: subscribes ? { log.messages.append(String(buffer: $0.payload)) } : nil,
                onEnd: { log.ends.append($0) })
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([RedisReplyDecoder(sizeLimit: 1024), handler])
            _ = try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
        }

        func send(_ name: String) {
            handler.send(RedisCommand(.text(name))) { [log] result in
                switch result {
                case .success(let reply): log.replies.append("\(name): \(reply.text ?? reply.kind)")
                case .failure(let error): log.replies.append("\(name): \(error)")
                }
            }
        }

        func receive(_ text: String) throws {
            try channel.writeInbound(ByteBuffer(string: text))
        }

        func sent() throws -> String? {
            try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) }
        }
    }

    @Test("the commands of one tick are one write, and replies are matched in order")
    func pipelining() throws {
        let fixture = try Fixture()
        for name in ["A", "B", "C"] { fixture.send(name) }
        #expect(try fixture.sent() == nil)
        fixture.channel.embeddedEventLoop.run()
        #expect(try fixture.sent() == "*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$1\r\nC\r\n")
        #expect(try fixture.sent() == nil)
        try fixture.receive("+1\r\n-ERR 2\r\n+")
        #expect(fixture.log.replies == ["A: 1", "B: the error ERR"])
        try fixture.receive("3\r\n")
        #expect(fixture.log.replies.last == "C: 3")
        fixture.send("D")
        fixture.channel.embeddedEventLoop.run()
        #expect(try fixture.sent() == "*1\r\n$1\r\nD\r\n")
    }

    @Test("the reply of a replica ends the connection", arguments: ["READONLY", "TERM"])
    func replica(code: String) throws {
        let fixture = try Fixture()
        for name in ["A", "B"] { fixture.send(name) }
        fixture.channel.embeddedEventLoop.run()
        try fixture.receive("-\(code) no\r\n")
        let error = RedisUnavailableError.connectionEnded("Redis replied \(code) no")
        #expect(fixture.log.replies == ["A: the error \(code)", "B: \(error)"])
        #expect(fixture.log.ends == [error])
    }

    @Test("a reply that is late ends the connection, and all pending commands fail")
    func deadline() throws {
        let fixture = try Fixture()
        fixture.send("A")
        fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        fixture.send("B")
        fixture.channel.embeddedEventLoop.advanceTime(by: .milliseconds(900))
        try fixture.receive("+1\r\n")
        fixture.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(fixture.log.ends.isEmpty)
        fixture.send("C")
        fixture.channel.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        let error = RedisUnavailableError.timedOut(.seconds(2))
        #expect(fixture.log.replies == ["A: 1", "B: \(error)", "C: \(error)"])
        #expect(fixture.log.ends == [error])
        #expect(error.mayHaveRun)
        #expect(!fixture.channel.isActive)
        fixture.send("D")
        #expect(fixture.log.replies.last == "D: \(RedisUnavailableError.notConnected)")
    }

    @Test("an idle connection has no deadline")
    func idle() throws {
        let fixture = try Fixture()
        fixture.send("A")
        fixture.channel.embeddedEventLoop.run()
        try fixture.receive("+1\r\n")
        fixture.channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(fixture.log.ends.isEmpty)
    }

    @Test("commands past the limit fail at once, and the others go on")
    func limit() throws {
        var options = RedisOptions()
        options.pendingLimit = 2
        let fixture = try Fixture(options)
        for name in ["A", "B", "C"] { fixture.send(name) }
        #expect(fixture.log.replies == ["C: \(RedisUnavailableError.tooManyPending(limit: 2))"])
        fixture.channel.embeddedEventLoop.run()
        try fixture.receive("+1\r\n+2\r\n")
        #expect(fixture.log.replies.suffix(2) == ["A: 1", "B: 2"])
    }

    @Test("the end of the channel fails all pending commands, once")
    func channelEnd() throws {
        let fixture = try Fixture()
        fixture.send("A")
        fixture.send("B")
        _ = try fixture.channel.finish(acceptAlreadyClosed: true)
        let error = RedisUnavailableError.connectionEnded("the server closed it")
        #expect(fixture.log.replies == ["A: \(error)", "B: \(error)"])
        #expect(fixture.log.ends == [error])
    }

    @Test(
        "bytes that are no reply, or a reply without a command, end the connection",
        arguments: ["HTTP/1.1\r\n", "+OK\r\n+OK\r\n"])
    func badBytes(text: String) throws {
        let fixture = try Fixture()
        fixture.send("A")
        fixture.channel.embeddedEventLoop.run()
        try fixture.receive(text)
        #expect(fixture.log.ends.count == 1)
        #expect(fixture.log.replies.count == 1)
        #expect(!fixture.channel.isActive)
    }

    @Test("a message is no reply on a connection that subscribes, and is one on another", arguments: [true, false])
    func messages(subscribes: Bool) throws {
        let fixture = try Fixture(subscribes: subscribes)
        fixture.send("SUBSCRIBE")
        fixture.send("PING")
        fixture.channel.embeddedEventLoop.run()
        try fixture.receive("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\ndata\r\n")
        #expect(fixture.log.messages == (subscribes ? ["data"] : []))
        #expect(fixture.log.replies == (subscribes ? [] : ["SUBSCRIBE: an array of 3"]))
    }
}
