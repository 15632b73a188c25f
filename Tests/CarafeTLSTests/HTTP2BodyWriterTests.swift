import CarafeHTTP
import Logging
import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import TestSupport
import Testing

@testable import CarafeServer
@testable import CarafeTLS

@Suite("HTTP2BodyWriter", .timeLimit(.minutes(1)))
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
            await loop.advanceTime(by: .microseconds(50))
            let sent = try await busy.sent()
            #expect(sent.pieces <= 5)
            pieces += sent.pieces
            if sent.isWhole { break }
        }
        #expect(pieces >= 90)
    }
}

/// A stream of HTTP/2 in memory.
private struct TestStream {
    let channel: NIOAsyncTestingChannel

    init(
        on executor: EventLoopExecutor, onWrite: @escaping @Sendable () -> Void = {}, handler: @escaping Handler
    ) async throws {
        var configuration = ServerConfiguration(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        configuration.accessLog = false
        let service = HTTPService(handler: handler, configuration: configuration)
        guard let loop = executor.eventLoop as? NIOAsyncTestingEventLoop else { preconditionFailure("in memory only") }
        let channel = NIOAsyncTestingChannel(loop: loop)
        self.channel = channel
        let connection = Connection(
            executor: executor, peerAddress: nil, isMultiplexed: true, logger: configuration.logger)
        try await loop.executeInContext {
            try channel.pipeline.syncOperations.addHandlers([
                WriteWatch(onWrite: onWrite), HTTP2Stream(service: service, connection: connection),
            ])
        }
        try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.7", port: 4711)).get()
    }

    func get() async throws {
        let head: HPACKHeaders = [":method": "GET", ":path": "/", ":scheme": "https", ":authority": "x"]
        try await channel.writeInbound(HTTP2Frame.FramePayload.headers(.init(headers: head, endStream: true)))
        await channel.testingEventLoop.run()
    }

    /// The pieces of the body that were sent since the last call, and whether the last one was among them.
    func sent() async throws -> (pieces: Int, isWhole: Bool) {
        var (pieces, isWhole) = (0, false)
        while let frame = try await channel.readOutbound(as: HTTP2Frame.FramePayload.self) {
            guard case .data(let data) = frame else { continue }
            pieces += 1
            isWhole = data.endStream
        }
        return (pieces, isWhole)
    }
}

private final class WriteWatch: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let onWrite: @Sendable () -> Void

    init(onWrite: @escaping @Sendable () -> Void) {
        self.onWrite = onWrite
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        onWrite()
        context.write(data, promise: promise)
    }
}
