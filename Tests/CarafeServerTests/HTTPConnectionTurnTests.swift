import CarafeHTTP
import CarafeRuntime
import HTTPTypes
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import CarafeServer

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Fairness: a handler that has much to do on an event loop does not keep it from the other connections.
@Suite("HTTPConnection: turns", .timeLimit(.minutes(10)))
struct HTTPConnectionTurnTests {
    /// The work that a handler does 100 times without waiting, each time for a millisecond of the clock.
    enum Work: CaseIterable {
        case rows, emptyPieces, sharedPieces, file, bytes, text, requests, requestBody
    }

    @Test("another connection is answered while one goes on without waiting", arguments: Work.allCases)
    func fairness(_ work: Work) async throws {
        let clock = ManualClock()
        let executor = EventLoopExecutor(
            eventLoop: NIOAsyncTestingEventLoop(), turnTime: TurnTime { clock.now })
        let start = clock.now
        var steps: Int64 { (clock.now - start).nanoseconds / 1_000_000 }
        let step: @Sendable () -> Void = { clock.advance(by: .milliseconds(1)) }
        let nothing: @Sendable () -> Void = {}
        let busy = try await TestConnection(on: executor, onWrite: work.isOfPieces ? step : nothing) { request in
            try await work.answer(request, step)
        }
        let other = try await TestConnection(on: executor) { _ in Response(text: "hello") }
        for piece in work.input { try await busy.channel.writeInbound(ByteBuffer(string: piece)) }
        await busy.run()
        #expect((1...5).contains(steps))
        for _ in 1...100 {
            #expect(try await other.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("hello"))
            let before = steps
            await busy.advanceTime(by: EventLoopExecutor.pause)
            #expect(steps - before <= 5)
        }
        #expect(steps >= 100)
        #expect(try await work.isComplete(busy.received()))
    }
}

extension HTTPConnectionTurnTests.Work {
    private static let large = 100 * pieceLength

    var isOfPieces: Bool { [.file, .bytes, .text].contains(self) }

    var input: [String] {
        switch self {
        case .requests: [String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 100)]
        // One read of many chunks.
        case .requestBody:
            [
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
                String(repeating: "1\r\nx\r\n", count: 100) + "0\r\n\r\n",
            ]
        default: ["GET / HTTP/1.1\r\nHost: x\r\n\r\n"]
        }
    }

    func answer(_ request: Request, _ step: @escaping @Sendable () -> Void) async throws -> Response {
        switch self {
        case .rows, .emptyPieces, .sharedPieces:
            let piece =
                switch self {
                case .rows: "row\n"
                case .sharedPieces: String(repeating: "x", count: 2000)
                default: ""
                }
            return Response { writer in
                for _ in 1...100 {
                    step()
                    try await writer.write(piece)
                }
            }
        case .file:
            let folder = try TemporaryFolder()
            try folder.write(bytes: Array(repeating: 0x78, count: Self.large), to: "large")
            let file = OpenFile(descriptor: open(folder.path + "/large", O_RDONLY))
            return Response(body: .file(FileSlice(file, offset: 0, count: Self.large)))
        case .bytes: return Response(body: .bytes(ByteBuffer(repeating: 0x78, count: Self.large)))
        case .text: return Response(text: String(repeating: "x", count: Self.large))
        case .requests:
            step()
            return Response(text: "answer")
        case .requestBody:
            for try await _ in request.body { step() }
            return Response(text: "received")
        }
    }

    func isComplete(_ output: String) -> Bool {
        switch self {
        case .rows, .emptyPieces, .sharedPieces: output.hasSuffix("0\r\n\r\n")
        case .file, .bytes, .text: output.utf8.count > Self.large
        case .requests: output.split(separator: "answer").count == 100
        case .requestBody: output.hasSuffix("received")
        }
    }
}
