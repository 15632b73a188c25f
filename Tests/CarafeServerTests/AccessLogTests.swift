import CarafeHTTP
import HTTPTypes
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeServer

@Suite("AccessLog", .timeLimit(.minutes(1)))
struct AccessLogTests {
    private func lines(isOn: Bool) async throws -> [String] {
        let log = LineLog()
        let connection = try await TestConnection {
            $0.accessLog = isOn
            $0.logger = Logger(label: "test") { _ in LineLogHandler(log: log) }
        } handler: { request in
            request.path == "/missing" ? Response(.notFound, text: "none") : Response { try await $0.write("a") }
        }
        _ = try await connection.answer(to: "GET /missing?q=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await connection.answer(to: "POST /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        return log.lines.withLock { $0 }
    }

    @Test("one line a request: peer, method, target, status, length, time")
    func on() async throws {
        let lines = try await lines(isOn: true)
        #expect(
            lines == [
                "192.0.2.7 GET /missing?q=1 404 4 0.00 ms",
                "192.0.2.7 POST /stream 200 - 0.00 ms",
            ])
    }

    @Test("behind a trusted proxy the peer is the client")
    func forwarded() async throws {
        let log = LineLog()
        let connection = try await TestConnection {
            $0.accessLog = true
            $0.logger = Logger(label: "test") { _ in LineLogHandler(log: log) }
        } handler: { _ in
            var response = Response(.noContent)
            response.forwarding = Forwarding(address: "198.51.100.3", isSecure: nil, host: nil)
            return response
        }
        _ = try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(log.lines.withLock { $0 } == ["198.51.100.3 GET / 204 0 0.00 ms"])
    }

    @Test("a client that has left before its answer is 499, and its handler's error is none", arguments: [true, false])
    func clientLeaves(hasBody: Bool) async throws {
        let log = LineLog()
        let ended = Gate()
        let connection = try await TestConnection {
            $0.accessLog = true
            $0.logger = Logger(label: "test") { _ in LineLogHandler(log: log) }
        } handler: { request in
            defer { ended.open() }
            if hasBody { _ = try await request.body.collect() }
            await Gate().wait()
            try Task.checkCancellation()
            return Response(.noContent)
        }
        try await connection.send("PUT /a HTTP/1.1\r\nHost: x\r\n" + (hasBody ? "Content-Length: 5\r\n\r\na" : "\r\n"))
        try await connection.vanish()
        await ended.wait()
        await connection.run()
        #expect(log.lines.withLock { $0 } == ["192.0.2.7 PUT /a 499 0 0.00 ms client left"])
    }

    @Test("one switch turns it off")
    func off() async throws {
        #expect(try await lines(isOn: false).isEmpty)
    }

    @Test("each line of a request carries its id, those of the handler too")
    func requestID() async throws {
        let log = LineLog()
        let ids = Mutex<[String]>([])
        let connection = try await TestConnection {
            $0.accessLog = true
            $0.logger = Logger(label: "test") { _ in LineLogHandler(log: log) }
        } handler: { request in
            ids.withLock { $0.append(request.id) }
            request.logger.info("at work")
            return Response(.noContent)
        }
        for _ in 1...2 { _ = try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n") }
        let (first, second) = ids.withLock { ($0[0], $0[1]) }
        #expect(log.requestIDs.withLock { $0 } == [first, first, second, second])
        #expect(first != second && first.count == 16)
    }

    @Test("the time is the handler's")
    func time() async throws {
        let log = LineLog()
        let gate = Gate()
        let connection = try await TestConnection {
            $0.accessLog = true
            $0.logger = Logger(label: "test") { _ in LineLogHandler(log: log) }
        } handler: { _ in
            await gate.wait()
            return Response(.noContent)
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await connection.advanceTime(by: .microseconds(1_234_050))
        gate.open()
        _ = try await connection.received(until: "\r\n\r\n")
        #expect(log.lines.withLock { $0 } == ["192.0.2.7 GET / 204 0 1234.05 ms"])
    }
}

private final class LineLog: Sendable {
    let lines = Mutex<[String]>([])
    let requestIDs = Mutex<[String]>([])
}

private struct LineLogHandler: LogHandler {
    let log: LineLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        log.lines.withLock { $0.append("\(event.message)") }
        let id = event.metadata?["request.id"] ?? metadata["request.id"]
        log.requestIDs.withLock { $0.append(id.map { "\($0)" } ?? "none") }
    }
}
