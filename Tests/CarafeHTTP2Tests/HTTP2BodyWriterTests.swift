import CarafeHTTP
import CarafeRuntime
import Logging
import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Synchronization
import TestSupport
import Testing

@testable import CarafeHTTP2
@testable import CarafeServer

@Suite("HTTP2BodyWriter", .timeLimit(.minutes(10)))
struct HTTP2BodyWriterTests {
    enum Body: CaseIterable {
        case rows, bytes, text
    }

    @Test("another stream is answered while one goes on without waiting", arguments: Body.allCases)
    func fairness(_ body: Body) async throws {
        let clock = ManualClock()
        let loop = NIOAsyncTestingEventLoop()
        let executor = EventLoopExecutor(eventLoop: loop, turnTime: TurnTime { clock.now })
        let large = 100 << 16
        let onWrite: @Sendable () -> Void = { clock.advance(by: .milliseconds(1)) }
        let busy = try await TestStream(on: executor, onWrite: onWrite) { _ in
            switch body {
            case .bytes: return Response(body: .bytes(ByteBuffer(repeating: 0x78, count: large)))
            case .text: return Response(text: String(repeating: "x", count: large))
            case .rows:
                return Response { writer in
                    for _ in 1...100 { try await writer.write("row") }
                }
            }
        }
        let other = try await TestStream(on: executor) { _ in Response(text: "hello") }
        try await busy.get()
        #expect((1...5).contains(try await busy.sent().pieces))
        try await other.get()
        #expect(try await other.sent().isWhole)
        var pieces = 0
        for _ in 1...100 {
            await loop.advanceTime(by: EventLoopExecutor.pause)
            let sent = try await busy.sent()
            #expect(sent.pieces <= 5)
            pieces += sent.pieces
            if sent.isWhole { break }
        }
        #expect(pieces >= 90)
    }
}

extension HTTP2BodyWriterTests {
    private func heldStream(_ body: Body, _ log: EndLog) async throws -> TestStream {
        let executor = EventLoopExecutor(
            eventLoop: NIOAsyncTestingEventLoop(), turnTime: TurnTime(limit: nil))
        let stream = try await TestStream(on: executor, log: log) { _ in
            switch body {
            case .rows: Response { writer in try await writer.write("row") }
            case .bytes: Response(body: .bytes(ByteBuffer(repeating: 0x78, count: 100_000)))
            case .text: Response(text: String(repeating: "x", count: 100_000))
            }
        }
        stream.watch.held.withLock { $0 = [] }
        try await stream.get()
        #expect(log.lines.withLock { $0 }.isEmpty)
        return stream
    }

    @Test("a response is complete when the connection has sent its last frame", arguments: Body.allCases)
    func complete(_ body: Body) async throws {
        let log = EndLog()
        let stream = try await heldStream(body, log)
        try await stream.release { $0?.succeed() }
        #expect(log.lines.withLock { $0 } == ["192.0.2.7 GET / 200 \(body == .rows ? "-" : "100000") 0.00 ms"])
    }

    @Test("one whose last frames are lost is broken off", arguments: Body.allCases)
    func lost(_ body: Body) async throws {
        let log = EndLog()
        let stream = try await heldStream(body, log)
        try await stream.release { $0?.fail(ChannelError.ioOnClosedChannel) }
        #expect(log.lines.withLock { $0 }.map { $0.hasSuffix("broken off") } == [true])
    }

    @Test("what a stream throws is logged, since nobody else is told")
    func brokenStream() async throws {
        struct Broken: Error {}
        let log = EndLog()
        let executor = EventLoopExecutor(eventLoop: NIOAsyncTestingEventLoop(), turnTime: TurnTime(limit: nil))
        let stream = try await TestStream(on: executor, log: log) { _ in
            Response { writer in
                try await writer.write("row")
                throw Broken()
            }
        }
        try await stream.get()
        #expect(try await stream.sent().isReset)
        #expect(
            log.lines.withLock { $0 } == ["GET /: the body broke off", "192.0.2.7 GET / 200 - 0.00 ms broken off"])
    }

    @Test("the client has the write time for the last frames, and is told by a reset", arguments: Body.allCases)
    func slow(_ body: Body) async throws {
        let log = EndLog()
        let stream = try await heldStream(body, log)
        await stream.channel.testingEventLoop.advanceTime(by: .seconds(29))
        #expect(try await !stream.sent().isReset)
        await stream.channel.testingEventLoop.advanceTime(by: .seconds(1))
        #expect(try await stream.sent().isReset)
    }
}

/// A stream of HTTP/2 in memory.
private struct TestStream {
    let channel: NIOAsyncTestingChannel
    let watch: WriteWatch

    init(
        on executor: EventLoopExecutor, onWrite: @escaping @Sendable () -> Void = {}, log: EndLog = EndLog(),
        handler: @escaping Handler
    ) async throws {
        let configuration = ServerConfiguration(logger: Logger(label: "test") { _ in EndLogHandler(log: log) })
        let watch = WriteWatch(onWrite: onWrite)
        self.watch = watch
        let service = HTTPService(handler: handler, configuration: configuration)
        guard let loop = executor.eventLoop as? NIOAsyncTestingEventLoop else { preconditionFailure("in memory only") }
        let channel = NIOAsyncTestingChannel(loop: loop)
        self.channel = channel
        let peer = try SocketAddress(ipAddress: "192.0.2.7", port: 4711)
        let connection = Connection(
            executor: executor, peerAddress: peer, isMultiplexed: true, logger: configuration.logger)
        try await loop.executeInContext {
            let streams = HTTP2Streams(end: HTTP2ConnectionEnd(graceTime: .seconds(1)), writeTimeout: .seconds(30))
            try channel.pipeline.syncOperations.addHandlers([
                watch,
                HTTP2StreamHandler(
                    HTTP2Stream(service: service, connection: connection, streams: streams, lateBodyLimit: 1 << 16)),
            ])
        }
        try await channel.connect(to: peer).get()
    }

    func get() async throws {
        let head: HPACKHeaders = [":method": "GET", ":path": "/", ":scheme": "https", ":authority": "x"]
        try await channel.writeInbound(HTTP2Frame.FramePayload.headers(.init(headers: head, endStream: true)))
        await channel.testingEventLoop.run()
    }

    /// Ends the writes that were held back.
    func release(_ end: @escaping @Sendable (EventLoopPromise<Void>?) -> Void) async throws {
        let promises = watch.held.withLock { held in
            defer { held = nil }
            return held ?? []
        }
        try await channel.testingEventLoop.executeInContext { for promise in promises { end(promise) } }
        await channel.testingEventLoop.run()
    }

    /// The pieces of the body that were sent since the last call, and whether the last one was among them.
    func sent() async throws -> (pieces: Int, isWhole: Bool, isReset: Bool) {
        var (pieces, isWhole, isReset) = (0, false, false)
        while let frame = try await channel.readOutbound(as: HTTP2Frame.FramePayload.self) {
            switch frame {
            case .data(let data):
                pieces += 1
                isWhole = data.endStream
            case .rstStream: isReset = true
            default: break
            }
        }
        return (pieces, isWhole, isReset)
    }
}

private final class WriteWatch: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// The promises of the writes that are held back, if any are.
    let held = Mutex<[EventLoopPromise<Void>?]?>(nil)
    private let onWrite: @Sendable () -> Void

    init(onWrite: @escaping @Sendable () -> Void) {
        self.onWrite = onWrite
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        onWrite()
        let isHeld = held.withLock { held in
            held?.append(promise)
            return held != nil
        }
        context.write(data, promise: isHeld ? nil : promise)
    }
}

private final class EndLog: Sendable {
    let lines = Mutex<[String]>([])
}

private struct EndLogHandler: LogHandler {
    let log: EndLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { log.lines.withLock { $0.append("\(event.message)") } }
}
