import CarafeRedisCodec
import CarafeRoomsRedis
import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

/// The client, on servers that the tests start.
@Suite(
    "Client of Redis", .enabled(if: RedisProgram.isInstalled, "no redis-server: `.ci/setup peers` installs it"),
    .timeLimit(.minutes(10)))
struct RedisClientTests {
    /// Deadlines that a busy machine does not miss.
    private static let patience: RedisOptions = {
        var options = RedisOptions()
        options.commandDeadline = .seconds(60)
        options.connectDeadline = .seconds(60)
        return options
    }()

    /// A client, its events in order, and what it has logged.
    private struct Fixture {
        let client: RedisClient
        let events: AsyncStream<RedisClientEvent>
        let lines: CapturedLog

        init(_ address: String, _ options: RedisOptions = patience) throws {
            let (events, continuation) = AsyncStream.makeStream(of: RedisClientEvent.self)
            let lines = CapturedLog()
            self.events = events
            self.lines = lines
            client = try RedisClient(
                try RedisAddress(address), options: options, on: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "redis") { _ in lines }
            ) { continuation.yield($0) }
        }

        /// Waits for the first event from which `value` takes something.
        func first<Value>(_ value: (RedisClientEvent) -> Value?) async throws -> Value {
            for await event in events {
                if let value = value(event) { return value }
            }
            throw CancellationError()
        }

        /// Runs a script; an error of Redis is thrown.
        func run(
            _ script: RedisScript, keys: [RedisCommand.Argument], _ arguments: [RedisCommand.Argument] = []
        ) async throws -> RedisReply {
            let result = await withCheckedContinuation { continuation in
                client.run(script, keys: keys, { _ in arguments }, onReply: { continuation.resume(returning: $0) })
            }
            let reply = try result.get()
            if case .error(let error) = reply { throw error }
            return reply
        }

        func connected() async throws -> RedisServer {
            try await first { if case .connected(let server) = $0 { server } else { nil } }
        }

        func subscribed() async throws -> RedisServer {
            try await first { if case .subscribed(let server) = $0 { server } else { nil } }
        }

        func disconnected() async throws {
            try await first { if case .disconnected = $0 { () } else { nil } }
        }

        func message() async throws -> RedisMessage {
            try await first { if case .message(let message) = $0 { message } else { nil } }
        }
    }

    private static func bulk(_ text: String) -> RedisReply { .bulk(ByteBuffer(string: text)) }

    @Test("commands have replies, in order, from any thread")
    func commands() async throws {
        let server = try await RedisProgram()
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)/3")
        try await fixture.client.start()
        #expect(try await fixture.client.send(RedisCommand("SET", "k", "v")) == .simple("OK"))
        #expect(try await fixture.client.send(RedisCommand("GET", "k")) == Self.bulk("v"))
        #expect(try await fixture.client.send(RedisCommand("GET", "none")) == .null)
        let name = try await fixture.client.send(RedisCommand("CLIENT", "GETNAME"))
        #expect(name == Self.bulk("carafe"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let reply = try await fixture.client.send(RedisCommand("ECHO", .integer(number)))
                    #expect(reply.number == number)
                }
            }
            try await group.waitForAll()
        }
        let error = await #expect(throws: RedisError.self) {
            try await fixture.client.send(RedisCommand("LPUSH", "k", "v"))
        }
        #expect(error?.code == .wrongType)
        fixture.client.close()
    }

    @Test("a large value is sent and read whole")
    func largeValue() async throws {
        let server = try await RedisProgram()
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)")
        try await fixture.client.start()
        let value = ByteBuffer(repeating: 0x61, count: 5_000_000)
        _ = try await fixture.client.send(RedisCommand("SET", "k", .bytes(value)))
        #expect(try await fixture.client.send(RedisCommand("GET", "k")) == .bulk(value))
        fixture.client.close()
    }

    @Test("the password of the address is used, and a wrong or a missing one is an error with the remedy")
    func passwords() async throws {
        let server = try await RedisProgram(["--requirepass", "p@ss word"])
        let right = try Fixture("redis://:p%40ss%20word@127.0.0.1:\(server.port)")
        try await right.client.start()
        #expect(try await right.client.send(RedisCommand("PING")) == .simple("PONG"))
        right.client.close()
        for (user, code) in [("", RedisError.Code.noAuthentication), (":wrong@", .wrongPassword)] {
            let wrong = try Fixture("redis://\(user)127.0.0.1:\(server.port)")
            let error = await #expect(throws: RedisHandshakeError.self) { try await wrong.client.start() }
            #expect("\(String(describing: error))".contains(code.rawValue))
            #expect(wrong.lines.lines.allSatisfy { !$0.contains("wrong@") })
            await #expect(throws: RedisUnavailableError.notConnected) {
                try await wrong.client.send(RedisCommand("PING"))
            }
            wrong.client.close()
        }
    }

    @Test("a script runs, also after the server has forgotten it")
    func scripts() async throws {
        let server = try await RedisProgram()
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)")
        try await fixture.client.start()
        let script = RedisScript("redis.call('INCR', KEYS[1]) return {KEYS[1], ARGV[1], 7}")
        let reply = RedisReply.array([Self.bulk("k"), Self.bulk("a"), .integer(7)])
        #expect(try await fixture.run(script, keys: ["k"], ["a"]) == reply)
        #expect(try await fixture.run(script, keys: ["k"], ["a"]) == reply)
        _ = try await fixture.client.send(RedisCommand("SCRIPT", "FLUSH"))
        #expect(try await fixture.run(script, keys: ["k"], ["a"]) == reply)
        #expect(try await fixture.client.send(RedisCommand("GET", "k")).number == 3)
        await #expect(throws: RedisError.self) {
            try await fixture.run(RedisScript("return redis.call('NONE')"), keys: [])
        }
        fixture.client.close()
    }

    @Test("messages come from the channels that are subscribed to")
    func messages() async throws {
        let server = try await RedisProgram()
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)")
        try await fixture.client.start()
        try await fixture.client.subscribe(to: "a")
        try await fixture.client.subscribe(to: "b")
        #expect(try await fixture.client.send(RedisCommand("PUBLISH", "a", "1")) == .integer(1))
        #expect(try await fixture.message() == RedisMessage(channel: "a", payload: ByteBuffer(string: "1")))
        fixture.client.unsubscribe(from: "a")
        // The server does a connection's commands in order.
        try await fixture.client.subscribe(to: "b")
        #expect(try await fixture.client.send(RedisCommand("PUBLISH", "a", "2")) == .integer(0))
        _ = try await fixture.client.send(RedisCommand("PUBLISH", "b", "3"))
        #expect(try await fixture.message() == RedisMessage(channel: "b", payload: ByteBuffer(string: "3")))
        fixture.client.close()
    }

    @Test("after a crash of the server commands fail at once, then the client returns and subscribes again")
    func crash() async throws {
        let server = try await RedisProgram()
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)")
        try await fixture.client.start()
        let first = try await fixture.connected()
        try await fixture.client.subscribe(to: "a")
        await server.kill()
        try await fixture.disconnected()
        await #expect(throws: RedisUnavailableError.notConnected) {
            try await fixture.client.send(RedisCommand("PING"))
        }
        try await server.restart()
        let second = try await fixture.subscribed()
        #expect(second.term != first.term)
        // The other connection may need longer than this one.
        while (try? await fixture.client.send(RedisCommand("PUBLISH", "a", "1"))) == nil { await Task.yield() }
        #expect(try await fixture.message().channel == "a")
        fixture.client.close()
    }

    @Test("a command that is pending at a crash fails")
    func pendingAtCrash() async throws {
        let server = try await RedisProgram()
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)")
        try await fixture.client.start()
        let (results, continuation) = AsyncStream.makeStream(of: Result<RedisReply, RedisUnavailableError>.self)
        fixture.client.send(RedisCommand("BLPOP", "none", "0")) { continuation.yield($0) }
        // Both connections are on one event loop, so the other command has been sent.
        try await fixture.client.subscribe(to: "a")
        await server.kill()
        for await result in results {
            let error = #expect(throws: RedisUnavailableError.self) { try result.get() }
            #expect(error?.mayHaveRun == true)
            break
        }
        fixture.client.close()
    }

    @Test("a server that is silent is noticed, and used again when it speaks")
    func pause() async throws {
        let server = try await RedisProgram()
        var options = RedisOptions()
        options.commandDeadline = .milliseconds(200)
        options.pingInterval = .milliseconds(100)
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)", options)
        try await fixture.client.start()
        _ = try await fixture.subscribed()
        server.pause()
        try await fixture.first { if case .subscriptionsLost = $0 { () } else { nil } }
        server.resume()
        _ = try await fixture.subscribed()
        fixture.client.close()
    }

    @Test("one line is logged when the connection is lost, and one when it is there again")
    func log() async throws {
        let server = try await RedisProgram()
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)")
        try await fixture.client.start()
        #expect(fixture.lines.lines.isEmpty)
        await server.kill()
        try await fixture.disconnected()
        #expect(fixture.lines.lines.count >= 1)
        try await server.restart()
        await fixture.lines.first { $0.contains("again") }
        let lines = fixture.lines.lines
        #expect(Set(lines).count == lines.count)
        #expect(lines.filter { $0.contains("again") }.count == 1)
        fixture.client.close()
    }

    @Test("without a server the start is an error, and the client connects when there is one")
    func late() async throws {
        let server = try await RedisProgram()
        await server.kill()
        let fixture = try Fixture("redis://127.0.0.1:\(server.port)")
        await #expect(throws: (any Error).self) { try await fixture.client.start() }
        try await server.restart()
        _ = try await fixture.connected()
        fixture.client.close()
    }

    @Test("a server with TLS is used if its certificate is trusted, and else not")
    func encryption() async throws {
        let folder = try TemporaryFolder()
        let made = try await SelfMadeCertificate(in: folder)
        let server = try await RedisProgram(made)
        var options = Self.patience
        options.trustedCertificates = made.certificate
        let fixture = try Fixture("rediss://localhost:\(server.port)", options)
        try await fixture.client.start()
        #expect(try await fixture.client.send(RedisCommand("PING")) == .simple("PONG"))
        fixture.client.close()
        let stranger = try Fixture("rediss://localhost:\(server.port)")
        await #expect(throws: (any Error).self) { try await stranger.client.start() }
        stranger.client.close()
    }
}
