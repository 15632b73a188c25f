import CarafeHTTP
import CarafeRuntime
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport
import Testing

@testable import CarafeServer

@Suite("HTTP1BodyWriter", .timeLimit(.minutes(10)))
struct HTTP1BodyWriterTests {
    /// Bodies that leave in pieces.
    enum Body: CaseIterable {
        case stream, emptyStream, text, bytes

        var response: Response {
            switch self {
            case .stream: Response { writer in try await writer.write("row\n") }
            case .emptyStream: Response { _ in }
            case .text: Response(text: String(repeating: "x", count: pieceLength + 1))
            case .bytes: Response(body: .bytes(ByteBuffer(repeating: 0x78, count: pieceLength + 1)))
            }
        }
    }

    private let log = LineLog()

    private var lines: [String] { log.lines.withLock { $0 } }

    private func connection(_ body: Body) async throws -> TestConnection {
        let connection = try await TestConnection {
            $0.accessLog = true
            $0.logger = Logger(label: "test") { [log] _ in LineLogHandler(log: log) }
        } handler: { _ in
            body.response
        }
        try await connection.setHolding(true)
        try await connection.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(lines.isEmpty)
        return connection
    }

    @Test("a response is complete when the system has its last byte", arguments: Body.allCases)
    func complete(_ body: Body) async throws {
        let connection = try await connection(body)
        try await connection.setHolding(false)
        #expect(lines.count == 1 && lines[0].hasSuffix("0.00 ms"), "\(lines)")
        #expect(try await connection.answer(to: "GET /b HTTP/1.1\r\nHost: x\r\n\r\n").contains("200 OK"))
    }

    @Test("one whose last bytes are lost is broken off", arguments: Body.allCases)
    func lost(_ body: Body) async throws {
        let connection = try await connection(body)
        try await connection.stop()
        #expect(lines.isEmpty)
        // What the server does when its time to stop is over.
        try await connection.dropConnection()
        #expect(lines.count == 1 && lines[0].hasSuffix("broken off"), "\(lines)")
    }

    @Test("the client has the write time for the last bytes", arguments: Body.allCases)
    func slow(_ body: Body) async throws {
        let connection = try await connection(body)
        await connection.advanceTime(by: .seconds(29))
        #expect(connection.isConnected)
        await connection.advanceTime(by: .seconds(1))
        #expect(!connection.isConnected)
        #expect(lines.count == 1 && lines[0].hasSuffix("broken off"), "\(lines)")
    }

    @Test("a handler that goes on in spite of errors lets others have their turn")
    func afterTheEnd() async throws {
        let clock = ManualClock()
        let executor = EventLoopExecutor(eventLoop: NIOAsyncTestingEventLoop(), turnTime: TurnTime { clock.now })
        let connection = try await TestConnection(on: executor) { _ in
            Response { writer in
                try? await writer.write("begun")
                for _ in 1...1000 {
                    clock.advance(by: .milliseconds(1))
                    try? await writer.write("more")
                }
            }
        }
        try await connection.setRoom(writes: 1)
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        let start = clock.now
        try await connection.dropConnection()
        #expect(clock.now - start <= .milliseconds(5))
        for _ in 1...10 {
            let before = clock.now
            await connection.advanceTime(by: EventLoopExecutor.pause)
            #expect(clock.now - before <= .milliseconds(5))
        }
        #expect(clock.now - start >= .milliseconds(10))
    }
}
