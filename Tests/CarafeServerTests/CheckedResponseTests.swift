import CarafeHTTP
import HTTPTypes
import Logging
import Synchronization
import TestSupport
import Testing

@testable import CarafeServer

/// `HTTPService` on what handlers give and throw, through a connection.
@Suite("Checked responses", .timeLimit(.minutes(10)))
struct CheckedResponseTests {
    private let log = LineLog()
    private let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"

    private var lines: [String] { log.lines.withLock { $0 } }

    private func connection(
        level: Logger.Level = .info, _ handler: @escaping Handler
    ) async throws -> TestConnection {
        try await TestConnection {
            $0.logger = Logger(label: "test") { [log] _ in
                var handler = LineLogHandler(log: log)
                handler.logLevel = level
                return handler
            }
        } handler: { request in
            try await handler(request)
        }
    }

    @Test("RFC 9110 §15.2: a response that is not a final one is an error of the app", arguments: [99, 100, 101, 103])
    func interim(code: Int) async throws {
        let connection = try await connection { _ in Response(.init(code: code), text: "more to come") }
        for _ in 1...2 {
            let answer = try await connection.answer(to: get)
            #expect(answer.hasPrefix("HTTP/1.1 500 ") && answer.hasSuffix("\r\n\r\nInternal Server Error"))
        }
        let line = "expected a final status from a handler, found \(code)"
        #expect(lines == [line, line])
    }

    @Test("RFC 9110 §15.3.6: no content in a 205, however it is made", arguments: [true, false])
    func resetContent(isStream: Bool) async throws {
        let connection = try await connection { _ in
            isStream
                ? Response(.resetContent, stream: { writer in try await writer.write("form") })
                : Response(.resetContent, text: "form")
        }
        let answer = try await connection.answer(to: get)
        #expect(answer.hasPrefix("HTTP/1.1 205 ") && answer.contains("content-length: 0\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
        #expect(lines.isEmpty)
    }

    @Test("what a stream throws is logged, since nobody else is told", arguments: ["", "row\n"])
    func brokenStream(piece: String) async throws {
        struct Broken: Error {}
        let connection = try await connection { _ in
            Response { writer in
                try await writer.write(piece)
                throw Broken()
            }
        }
        try await connection.send(get)
        #expect(!connection.isConnected)
        #expect(lines == ["GET /a: the body broke off"])
    }

    @Test("a stream whose client breaks off the request's body, or leaves, is no error", arguments: [true, false])
    func clientBreaksOff(vanishes: Bool) async throws {
        let connection = try await connection { request in
            Response { writer in
                for try await piece in request.body { try await writer.write(piece) }
            }
        }
        try await connection.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        if vanishes { try await connection.dropConnection() } else { try await connection.finishSending() }
        #expect(!connection.isConnected)
        #expect(lines.isEmpty)
    }

    @Test("a loop of empty pieces ends with its client")
    func emptyPieces() async throws {
        let gate = Gate()
        let connection = try await connection { [log] _ in
            Response { writer in
                try await writer.write("begun")
                await gate.wait()
                for _ in 1...10 { try await writer.write("") }
                log.lines.withLock { $0.append("written") }
            }
        }
        try await connection.send(get)
        try await connection.dropConnection()
        gate.open()
        await connection.run()
        #expect(lines.isEmpty)
    }
}
