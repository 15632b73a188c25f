import CarafeHTTP
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeServer

@Suite("HTTPConnection", .timeLimit(.minutes(10)))
struct HTTPConnectionTests {
    private func echoingPath(_ configure: (inout ServerConfiguration) -> Void = { _ in }) async throws -> TestConnection
    {
        try await TestConnection(configure) { Response(text: $0.path) }
    }

    @Test("RFC 9112 §9.3: HTTP/1.1 keeps the connection for the next request")
    func keepAlive() async throws {
        let connection = try await echoingPath()
        for path in ["/first", "/second", "/third"] {
            let answer = try await connection.answer(to: "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n\(path)"))
            #expect(!answer.contains("connection:"))
        }
        #expect(connection.isOpen)
    }

    @Test("RFC 9112 §9.6: Connection: close ends it after the answer", arguments: ["close", "Close", "x, close"])
    func close(option: String) async throws {
        let connection = try await echoingPath()
        let answer = try await connection.answer(to: "GET /a HTTP/1.1\r\nHost: x\r\nConnection: \(option)\r\n\r\n")
        #expect(answer.contains("\r\nconnection: close\r\n"))
        #expect(answer.hasSuffix("/a"))
        #expect(!connection.isOpen)
    }

    @Test("RFC 9112 §9.6: a handler's Connection: close ends it too", arguments: ["close", "Close", "x, close"])
    func handlerCloses(option: String) async throws {
        let connection = try await TestConnection { _ in
            Response(headers: [.connection: option], body: .text("last"))
        }
        let answer = try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(answer.contains("\r\nconnection: close\r\n") && answer.hasSuffix("last"))
        #expect(!connection.isOpen)
    }

    @Test("RFC 9112 §9.3: HTTP/1.0 closes")
    func version10() async throws {
        let connection = try await echoingPath()
        let answer = try await connection.answer(to: "GET /old HTTP/1.0\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n/old"))
        #expect(!connection.isOpen)
    }

    @Test("RFC 9112 §C.2.2: HTTP/1.0 with keep-alive stays, and is told so")
    func version10KeepAlive() async throws {
        let connection = try await echoingPath()
        let answer = try await connection.answer(to: "GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(answer.contains("\r\nconnection: keep-alive\r\n"))
        #expect(connection.isOpen)
        #expect(try await connection.answer(to: "GET /more HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("/more"))
    }

    @Test("RFC 9112 §9.3.2: pipelined requests are answered in order")
    func pipelining() async throws {
        let connection = try await echoingPath()
        let requests = (1...5).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
        let bodies = try await connection.answer(to: requests).split(separator: "\r\n\r\n").dropFirst()
            .map { $0.prefix(2) }
        #expect(bodies == ["/1", "/2", "/3", "/4", "/5"])
    }

    @Test("RFC 9112 §9.3.2: a slow first answer comes first, and the second handler waits for it")
    func pipeliningBehindSlow() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            if request.path == "/slow" { await gate.wait() }
            return Response(text: request.path)
        }
        try await connection.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await connection.received().isEmpty)
        gate.open()
        let answers = try await connection.received(until: "/quick")
        let slow = try #require(answers.firstRange(of: "/slow"))
        let quick = try #require(answers.firstRange(of: "/quick"))
        #expect(slow.lowerBound < quick.lowerBound)
        #expect(connection.isOpen)
    }

    @Test("a request that comes byte by byte is read")
    func byteByByte() async throws {
        let connection = try await TestConnection { Response(text: try await $0.body.text()) }
        for byte in "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc".utf8 {
            try await connection.send(ByteBuffer(bytes: [byte]))
        }
        #expect(try await connection.received(until: "abc").hasPrefix("HTTP/1.1 200"))
    }

    @Test("what a client pipelines is bounded: past 64 KiB the socket is not read")
    func pipeliningIsBounded() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            await gate.wait()
            return Response(.noContent)
        }
        try await connection.send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await connection.asksForBytes())
        let request = "GET /more HTTP/1.1\r\nHost: x\r\n\r\n"
        let count = (64 << 10) / request.utf8.count + 1
        try await connection.send(String(repeating: request, count: count))
        #expect(try await connection.asksForBytes() == false)
        let before = connection.readCount
        gate.open()
        var answers = 0
        while answers < count + 1 {
            answers += try await connection.received(until: "\r\n\r\n").count(of: "HTTP/1.1 204")
        }
        #expect(answers == count + 1)
        _ = try await connection.received()
        #expect(connection.readCount > before)
    }

    @Test("a client that pipelines and never reads costs a bounded number of answers")
    func answersAreBounded() async throws {
        let calls = Mutex(0)
        let answer = String(repeating: "a", count: 1024)
        let connection = try await TestConnection { _ in
            calls.withLock { $0 += 1 }
            return Response(text: answer)
        }
        try await connection.setRoom(writes: 1)
        let requests = String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 100)
        var batches = 0
        while batches < 100, try await connection.asksForBytes() {
            try await connection.send(requests)
            batches += 1
        }
        #expect(batches < 100)
        #expect(calls.withLock { $0 } < 5000)
        let before = connection.readCount
        try await connection.setRoom(writes: .max)
        _ = try await connection.received()
        #expect(calls.withLock { $0 } == batches * 100)
        #expect(connection.readCount > before)
    }

    @Test(
        "a request that cannot be read gets a status, and the connection closes",
        arguments: [
            ("nonsense\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
            ("GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET /../etc HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n", 417),
            ("\u{16}\u{3}\u{1}\u{0}\u{1}\u{1}\r\n\r\n", 400),
        ])
    func malformed(request: String, status: Int) async throws {
        let connection = try await echoingPath()
        let answer = try await connection.answer(to: request)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("\r\nconnection: close\r\n"))
        #expect(!connection.isOpen)
    }

    @Test(
        "RFC 9110 §9.3.2: a HEAD that is refused has the fields of the refusal and no content",
        arguments: [
            ("HEAD /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("\r\nHEAD / HTTP/1.1\r\n\r\n", 400),
            ("HEAD / HTTP/9.9\r\nHost: x\r\n\r\n", 505),
            ("HEAD / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 101) + "\r\n", 431),
            ("HEAD /" + String(repeating: "a", count: 9000), 414),
            ("HEAD / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n", 417),
            ("HEAD / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            ("HEAD / HTTP/1.1\r\nHost: x", 408),
        ])
    func refusedHead(request: String, status: Int) async throws {
        for (text, hasBody) in [(request, false), (request.replacing("HEAD", with: "GET"), true)] {
            let connection = try await echoingPath()
            try await connection.send(text)
            if status == 408 { await connection.advanceTime(by: .seconds(10)) }
            let answer = try await connection.received()
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.contains("\r\ncontent-length: "))
            #expect(answer.hasSuffix("\r\n\r\n") == !hasBody)
            #expect(!connection.isOpen)
        }
    }

    @Test("good requests before a malformed one are answered")
    func malformedAfterGood() async throws {
        let connection = try await echoingPath()
        let answer = try await connection.answer(to: "GET /good HTTP/1.1\r\nHost: x\r\n\r\nbad\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("/goodHTTP/1.1 400 "))
        #expect(!connection.isOpen)
    }

    @Test("RFC 9112 §3: a request line past its limit gets 414, by default after 8 KiB")
    func requestLineLimit() async throws {
        let fits = try await echoingPath()
        let rest = "GET / HTTP/1.1\r\n".utf8.count
        let long = String(repeating: "a", count: (8 << 10) - rest)
        #expect(try await fits.answer(to: "GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        let tooLong = try await echoingPath()
        #expect(try await tooLong.answer(to: "GET /\(long)a HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 414"))
        #expect(!tooLong.isOpen)
    }

    @Test("RFC 6585 §5: fields past their limits get 431, by default after 16 KiB or 100 fields")
    func headerLimits() async throws {
        let large = try await echoingPath()
        let value = String(repeating: "v", count: 16 << 10)
        #expect(
            try await large.answer(to: "GET / HTTP/1.1\r\nHost: x\r\nA: \(value)\r\n\r\n").hasPrefix("HTTP/1.1 431"))
        #expect(!large.isOpen)
        let fields = String(repeating: "A: b\r\n", count: 99)
        let many = try await echoingPath()
        #expect(try await many.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n").hasPrefix("HTTP/1.1 200"))
        #expect(
            try await many.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\(fields)A: b\r\n\r\n").hasPrefix("HTTP/1.1 431"))
        #expect(!many.isOpen)
    }

    @Test("limits can be set")
    func ownLimits() async throws {
        let connection = try await echoingPath { $0.limits.requestLineBytes = 20 }
        #expect(try await connection.answer(to: "GET /abcdefghijkl HTTP/1.1\r\n").hasPrefix("HTTP/1.1 414"))
        let fields = try await echoingPath { $0.limits.headerBytes = 20 }
        #expect(try await fields.answer(to: "GET / HTTP/1.1\r\nHost: abcdefghijklmnop\r\n").hasPrefix("HTTP/1.1 431"))
    }

    @Test("RFC 9110 §9.3.7: OPTIONS * is answered")
    func asterisk() async throws {
        let connection = try await echoingPath()
        #expect(try await connection.answer(to: "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 204"))
    }

    @Test("RFC 9112 §9.3: OPTIONS * leaves the connection as it is, unless it says otherwise")
    func asteriskStays() async throws {
        let options = "OPTIONS * HTTP/1.1\r\nHost: x\r\n"
        let connection = try await echoingPath()
        let answers = try await connection.answer(
            to: options + "\r\n" + options + "Content-Length: 0\r\n\r\nGET /after HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(answers.count(of: "HTTP/1.1 204 ") == 2 && answers.hasSuffix("/after"))
        #expect(!answers.contains("connection: close"))
        for end in ["Connection: close\r\n\r\n", "Content-Length: 1\r\n\r\na", "Transfer-Encoding: chunked\r\n\r\n"] {
            let connection = try await echoingPath()
            let answer = try await connection.answer(to: options + end)
            #expect(answer.count(of: "HTTP/1.1 ") == 1 && answer.contains("connection: close"))
            #expect(!connection.isOpen)
        }
    }
}

extension String {
    func count(of part: String) -> Int { ranges(of: part).count }

    @Test("many small requests in one read cost no more answers than the socket is asked to take")
    func oneReadIsBounded() async throws {
        let calls = Mutex(0)
        let answer = String(repeating: "a", count: 4096)
        let connection = try await TestConnection { _ in
            calls.withLock { $0 += 1 }
            return Response(text: answer)
        }
        try await connection.setRoom(writes: 1)
        try await connection.send(String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 2000))
        #expect(calls.withLock { $0 } <= 40)
    }
}
