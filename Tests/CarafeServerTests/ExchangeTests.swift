import CarafeHTTP
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeServer

@Suite("Exchange", .timeLimit(.minutes(10)))
struct ExchangeTests {
    private let post = "POST / HTTP/1.1\r\nHost: x\r\n"

    private func collecting() async throws -> TestConnection {
        try await TestConnection { Response(text: try await $0.body.text()) }
    }

    @Test("a body of fixed length comes whole", arguments: [1, 3, 100])
    func fixed(pieceLength: Int) async throws {
        let connection = try await collecting()
        try await connection.send(post + "Content-Length: 12\r\n\r\n")
        var rest = "Hello, body!"[...]
        while !rest.isEmpty {
            try await connection.send(String(rest.prefix(pieceLength)))
            rest = rest.dropFirst(pieceLength)
        }
        #expect(try await connection.received(until: "!").hasSuffix("\r\n\r\nHello, body!"))
        #expect(connection.isOpen)
    }

    @Test("RFC 9112 §7.1: a chunked body comes without its framing, whatever the reads")
    func chunked() async throws {
        let body = "5\r\nHello\r\n2;x=y\r\n, \r\n5\r\nbody!\r\n0\r\nTrailer: z\r\n\r\n"
        let whole = try await collecting()
        #expect(
            try await whole.answer(to: post + "Transfer-Encoding: chunked\r\n\r\n" + body).hasSuffix("Hello, body!"))
        let dripping = try await collecting()
        try await dripping.send(post + "Transfer-Encoding: chunked\r\n\r\n")
        for byte in body.utf8 { try await dripping.send(ByteBuffer(bytes: [byte])) }
        #expect(try await dripping.received(until: "!").hasSuffix("Hello, body!"))
        #expect(dripping.isOpen)
    }

    @Test("a body can be read in the pieces in which it arrives")
    func pieces() async throws {
        let connection = try await TestConnection { request in
            let body = request.body
            return Response { writer in
                for try await piece in body { try await writer.write("<\(String(buffer: piece))>") }
            }
        }
        try await connection.send(post + "Content-Length: 4\r\n\r\n")
        try await connection.send("ab")
        #expect(try await connection.received(until: "<ab>").contains("transfer-encoding: chunked"))
        try await connection.send("cd")
        #expect(try await connection.received(until: "0\r\n\r\n").contains("<cd>"))
    }

    @Test("a body that nobody reads stays in the client's socket past 64 KiB")
    func backpressure() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            await gate.wait()
            return Response(text: "\(try await request.body.collect().readableBytes)")
        }
        let piece = String(repeating: "a", count: 32 << 10)
        try await connection.send(post + "Content-Length: \(3 * 32 << 10)\r\n\r\n")
        #expect(try await connection.asksForBytes())
        try await connection.send(piece)
        #expect(try await connection.asksForBytes())
        try await connection.send(piece)
        #expect(try await connection.asksForBytes() == false)
        let before = connection.readCount
        gate.open()
        await connection.run()
        // Once more, so that the job of the opened gate has run too.
        await connection.run()
        #expect(connection.readCount > before)
        try await connection.send(piece)
        #expect(try await connection.received(until: "98304").hasPrefix("HTTP/1.1 200"))
    }

    @Test("RFC 9110 §10.1.1: 100 is sent when the handler reads, once")
    func continues() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            await gate.wait()
            return Response(text: try await request.body.text())
        }
        try await connection.send(post + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        #expect(try await connection.received().isEmpty)
        gate.open()
        #expect(try await connection.received(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        try await connection.send("ab")
        try await connection.send("cd")
        let answer = try await connection.received(until: "abcd")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(connection.isOpen)
    }

    @Test("RFC 9110 §10.1.1: a handler that answers without reading sends no 100, and the connection closes")
    func refusesWithoutContinue() async throws {
        let connection = try await TestConnection { _ in Response(.forbidden, text: "no") }
        let answer = try await connection.answer(to: post + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(answer.contains("\r\nconnection: close\r\n"))
        #expect(!connection.isOpen)
    }

    @Test("a body that is there already needs no 100")
    func bodyWithoutWaiting() async throws {
        let connection = try await collecting()
        let answer = try await connection.answer(to: post + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\nabcd")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("a client that leaves within its body ends the handler's reading with an error")
    func leavesWithinBody() async throws {
        let seen = Mutex<(any Error)?>(nil)
        let done = Gate()
        let connection = try await TestConnection { request in
            do {
                _ = try await request.body.collect()
            } catch {
                seen.withLock { $0 = error }
            }
            done.open()
            return Response(.noContent)
        }
        try await connection.send(post + "Content-Length: 10\r\n\r\nabc")
        try await connection.dropConnection()
        await done.wait()
        #expect(seen.withLock { $0 as? HTTPError }?.status == .badRequest)
    }

    @Test("a body that a handler leaves unread closes the connection after the answer")
    func unreadBody() async throws {
        let connection = try await TestConnection { _ in Response(text: "enough") }
        let answer = try await connection.answer(to: post + "Content-Length: 10\r\n\r\nabc")
        #expect(answer.contains("\r\nconnection: close\r\n"))
        #expect(answer.hasSuffix("enough"))
        #expect(!connection.isOpen)
    }

    @Test("a chunk that is broken, after the handler began, gets 400")
    func brokenChunk() async throws {
        let connection = try await collecting()
        try await connection.send(post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        try await connection.send("broken\r\n")
        #expect(try await connection.received().hasPrefix("HTTP/1.1 400 "))
        #expect(!connection.isOpen)
    }

    @Test("a chunk that is broken, after the response began, breaks that off; no second head stands in its body")
    func brokenChunkInResponse() async throws {
        let connection = try await TestConnection { request in
            Response { writer in for try await piece in request.body { try await writer.write(piece) } }
        }
        try await connection.send(post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        #expect(try await connection.received(until: "abc\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
        try await connection.send("broken\r\n")
        #expect(try await connection.received().isEmpty)
        #expect(!connection.isConnected)
    }

    @Test("RFC 9110 §10.1.1: no 100 stands in the body of a response that has begun")
    func noContinueInResponse() async throws {
        let connection = try await TestConnection { request in
            Response { writer in
                try await writer.write("begun")
                for try await piece in request.body { try await writer.write(piece) }
            }
        }
        try await connection.send(post + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        let begun = try await connection.received(until: "begun\r\n")
        #expect(begun.hasPrefix("HTTP/1.1 200 OK\r\n"))
        try await connection.send("abc")
        let rest = try await connection.received(until: "0\r\n\r\n")
        #expect(!(begun + rest).contains("100 Continue") && rest.contains("abc"))
    }

    @Test("RFC 9110 §15.6.1: what a bare handler throws is 500 without a word of it, an HTTPError its own status")
    func throwing() async throws {
        struct Secret: Error {}
        let connection = try await TestConnection { request in
            if request.path == "/teapot" {
                throw HTTPError(.init(code: 418, reasonPhrase: "I'm a teapot"), "short and stout")
            }
            throw Secret()
        }
        let inside = try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(inside.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
        #expect(!inside.contains("Secret"))
        let outside = try await connection.answer(to: "GET /teapot HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(outside.hasPrefix("HTTP/1.1 418 "))
        #expect(outside.hasSuffix("short and stout"))
    }

    @Test("a request knows its peer")
    func peer() async throws {
        let connection = try await TestConnection { Response(text: $0.remoteAddress ?? "-") }
        #expect(try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("192.0.2.7"))
    }
}
