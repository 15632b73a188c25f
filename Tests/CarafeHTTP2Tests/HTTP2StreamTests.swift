import CarafeHTTP
import CarafeRuntime
import Logging
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import CarafeHTTP2
@testable import CarafeServer

@Suite("HTTP2Stream", .timeLimit(.minutes(10)))
struct HTTP2StreamTests {
    /// The work of each of 100 streams, once or three times, each time for ten milliseconds of the clock.
    enum Work: CaseIterable {
        case answer, rows
    }

    @Test("another connection is answered while the requests of 100 streams begin", arguments: Work.allCases)
    func fairness(_ work: Work) async throws {
        let clock = ManualClock()
        let loop = NIOAsyncTestingEventLoop()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime { clock.now })
        let start = clock.now
        var steps: Int64 { (clock.now - start).nanoseconds / 10_000_000 }
        let step: @Sendable () -> Void = { clock.advance(by: .milliseconds(10)) }
        let busy = try await TestHTTP2(on: executor) { _ in
            if work == .rows {
                return Response { writer in
                    for _ in 1...3 {
                        step()
                        try await writer.write("row")
                    }
                }
            }
            step()
            return Response(text: "answer")
        }
        let other = try await TestHTTP2(on: executor) { _ in Response(text: "hello") }
        // One read of the socket.
        try await busy.get(streams: 100)
        #expect((1...2).contains(steps))
        var number = 0
        let all: Int64 = work == .rows ? 300 : 100
        while steps < all, number < 2 * all {
            number += 1
            try await other.get(streams: 1)
            #expect(try await other.received().contains("hello"))
            let before = steps
            await loop.advanceTime(by: EventLoopExecutor.pause)
            #expect(steps - before <= 2)
        }
        #expect(steps == all)
    }

    @Test("requests that come together begin together while there is time")
    func together() async throws {
        let clock = ManualClock()
        let executor = EventLoopExecutor(
            eventLoop: NIOAsyncTestingEventLoop(), turnTime: TurnTime { clock.now })
        let connection = try await TestHTTP2(on: executor) { _ in Response(text: "answer") }
        for _ in 1...2 {
            try await connection.get(streams: 10)
            let answers = try await connection.received().split(separator: "answer", omittingEmptySubsequences: false)
            #expect(answers.count == 11)
            clock.advance(by: .minutes(1))
        }
    }

    @Test(
        "RFC 9113 §6.8: what a client has sent before it saw GOAWAY is no error",
        arguments: [TestHTTP2.Late.settings, .request])
    func late(_ frame: TestHTTP2.Late) async throws {
        let executor = EventLoopExecutor(eventLoop: NIOAsyncTestingEventLoop(), turnTime: TurnTime(limit: nil))
        let go = Gate()
        let connection = try await TestHTTP2(on: executor) { _ in
            await go.wait()
            return Response(text: "answer")
        }
        try await connection.get(streams: 1)
        await connection.stop()
        go.open()
        var goodbyes = try await connection.goodbyes()
        #expect(!goodbyes.isEmpty)
        try await connection.send(frame)
        goodbyes += try await connection.goodbyes()
        #expect(goodbyes.allSatisfy { $0.code == 0 })
    }
}

/// A connection of HTTP/2 in memory.
final class TestHTTP2 {
    /// The frames that a client may have sent before it saw GOAWAY.
    enum Late {
        case settings, request
    }

    private let channel: NIOAsyncTestingChannel
    private var streamCount: UInt32 = 0

    init(on executor: EventLoopExecutor, handler: @escaping Handler) async throws {
        guard let loop = executor.eventLoop as? NIOAsyncTestingEventLoop else { preconditionFailure("in memory only") }
        var configuration = ServerConfiguration(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.accessLog = false
        let service = HTTPService(handler: handler, configuration: configuration)
        channel = NIOAsyncTestingChannel(loop: loop)
        try await channel.connect(to: try SocketAddress(ipAddress: "192.0.2.7", port: 4711)).get()
        let connection = AcceptedConnection(channel: channel, executor: executor, service: service)
        try await loop.executeInContext {
            try HTTP2Setup(connection, limits: HTTP2Limits()).configure()
        }
        // RFC 9113 §3.4: the client's preface, and its SETTINGS.
        try await send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(type: 4))
    }

    /// Asks on so many streams, in one read of the socket.
    func get(streams count: UInt32) async throws {
        // `GET https://x/` in HPACK (RFC 7541): three of the static table, and a literal.
        let head: [UInt8] = [0x82, 0x84, 0x87, 0x41, 0x01, 0x78]
        var bytes: [UInt8] = []
        for number in streamCount..<streamCount + count {
            // END_STREAM and END_HEADERS.
            bytes += frame(type: 1, flags: 5, stream: 2 * number + 1, head)
        }
        streamCount += count
        try await send(bytes)
    }

    func send(_ frame: Late) async throws {
        switch frame {
        case .settings: try await send(self.frame(type: 4, flags: 1))
        case .request: try await get(streams: 1)
        }
    }

    /// The server stops.
    func stop() async {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        await channel.testingEventLoop.run()
    }

    /// The GOAWAYs among what the server has sent since the last call (RFC 9113 §6.8).
    func goodbyes() async throws -> [(lastStream: UInt32, code: UInt32)] {
        await channel.testingEventLoop.run()
        var bytes = ByteBuffer()
        while let piece = try await channel.readOutbound(as: IOData.self) {
            if case .byteBuffer(let buffer) = piece { bytes.writeImmutableBuffer(buffer) }
        }
        var found: [(UInt32, UInt32)] = []
        while let head = bytes.readBytes(length: 9) {
            let length = head.prefix(3).reduce(0) { $0 << 8 + Int($1) }
            guard var payload = bytes.readSlice(length: length) else { break }
            if head[3] == 7, let stream: UInt32 = payload.readInteger(), let code: UInt32 = payload.readInteger() {
                found.append((stream, code))
            }
        }
        return found
    }

    /// The bytes that the server has sent since the last call.
    func received() async throws -> String {
        var text = ""
        while let piece = try await channel.readOutbound(as: IOData.self) {
            if case .byteBuffer(let bytes) = piece { text += String(buffer: bytes) }
        }
        return text
    }

    /// RFC 9113 §4.1.
    private func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let id = (0..<4).reversed().map { UInt8(truncatingIfNeeded: stream >> (8 * $0)) }
        return [0, 0, UInt8(payload.count), type, flags] + id + payload
    }

    private func send(_ bytes: [UInt8]) async throws {
        try await channel.writeInbound(ByteBuffer(bytes: bytes))
        await channel.testingEventLoop.run()
    }
}
