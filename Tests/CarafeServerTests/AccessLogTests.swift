import CarafeHTTP
import HTTPTypes
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeServer

@Suite("AccessLog", .timeLimit(.minutes(10)))
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

    @Test(
        "a client that has left before its answer is 499, and its handler's error is not logged",
        arguments: [true, false])
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
        try await connection.dropConnection()
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

    @Test("a response's end is told after its body, with the log off too", arguments: [true, false])
    func ends(accessLog: Bool) async throws {
        let ends = LineLog()
        let gate = Gate()
        let connection = try await TestConnection {
            $0.accessLog = accessLog
            $0.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        } handler: { request in
            var response =
                switch request.path {
                case "/whole": Response(text: "whole")
                case "/nothing": Response(.noContent) { _ in Issue.record("no body") }
                case "/broken": Response { _ in throw ChannelError.eof }
                default:
                    Response { writer in
                        try await writer.write("first")
                        await gate.wait()
                    }
                }
            response.onEnd { end in ends.lines.withLock { $0.append("\(request.path) \(end)") } }
            return response
        }
        _ = try await connection.answer(to: "GET /whole HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await connection.answer(to: "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await connection.answer(to: "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(ends.lines.withLock { $0 } == ["/whole sent", "/nothing sent", "/stream sent"])
        try await connection.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await connection.received(until: "first\r\n")
        #expect(ends.lines.withLock { $0 }.count == 3)
        gate.open()
        _ = try await connection.received(until: "0\r\n\r\n")
        try await connection.send("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")
        await connection.run()
        #expect(ends.lines.withLock { $0 }.dropFirst(3) == ["/stream sent", "/broken brokenOff"])
    }

    @Test("a client that leaves while its handler works breaks the response off")
    func leaves() async throws {
        let (gate, ended) = (Gate(), Gate())
        let connection = try await TestConnection {
            $0.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        } handler: { _ in
            await gate.wait()
            var response = Response(text: "late")
            response.onEnd { if $0 == .brokenOff { ended.open() } }
            return response
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await connection.dropConnection()
        gate.open()
        await ended.wait()
    }

    @Test("the metadata of the response stands in its line, another id too")
    func metadata() async throws {
        let log = LineLog()
        let connection = try await TestConnection {
            $0.accessLog = true
            $0.logger = Logger(label: "test") { _ in LineLogHandler(log: log) }
        } handler: { _ in
            var response = Response(.noContent)
            response.logMetadata["request.id"] = "of-the-proxy"
            return response
        }
        _ = try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(log.requestIDs.withLock { $0 } == ["of-the-proxy"])
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
