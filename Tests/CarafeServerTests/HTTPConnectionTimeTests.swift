import CarafeHTTP
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import CarafeServer

@Suite("HTTPConnection: time limits", .timeLimit(.minutes(10)))
struct HTTPConnectionTimeTests {
    private func reading() async throws -> TestConnection {
        try await TestConnection { request in
            do {
                return Response(text: "\(try await request.body.collect().readableBytes) bytes")
            } catch let error as HTTPError {
                return Response(error.status, text: "\(error)")
            }
        }
    }

    @Test("a connection without a request is closed after 60 seconds, without a word")
    func idleBeforeFirst() async throws {
        let connection = try await reading()
        await connection.advanceTime(by: .milliseconds(59_999))
        #expect(connection.isOpen)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(!connection.isOpen)
        #expect(try await connection.received().isEmpty)
    }

    @Test("RFC 9112 §9.5: an idle connection closes gracefully, in case that a request is on its way")
    func idleIsGraceful() async throws {
        let connection = try await reading()
        await connection.advanceTime(by: .seconds(60))
        #expect(!connection.isOpen && connection.isConnected)
        #expect(try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n").isEmpty)
        await connection.advanceTime(by: .seconds(5))
        #expect(!connection.isConnected)
    }

    @Test("a kept connection is closed 60 seconds after its last answer")
    func idleBetween() async throws {
        let connection = try await reading()
        await connection.advanceTime(by: .seconds(50))
        #expect(try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        await connection.advanceTime(by: .milliseconds(59_999))
        #expect(connection.isOpen)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(!connection.isOpen)
    }

    @Test("RFC 9110 §15.5.9: a head must be there 10 seconds after its first byte, however it drips")
    func head() async throws {
        let connection = try await reading()
        await connection.advanceTime(by: .seconds(30))
        try await connection.send("G")
        for byte in "ET / HTTP".utf8 {
            await connection.advanceTime(by: .seconds(1))
            try await connection.send(ByteBuffer(bytes: [byte]))
        }
        #expect(connection.isOpen)
        await connection.advanceTime(by: .milliseconds(999))
        #expect(connection.isOpen)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(try await connection.received().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(!connection.isOpen)
    }

    @Test("the second head of a connection has its own 10 seconds")
    func secondHead() async throws {
        let connection = try await reading()
        _ = try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await connection.advanceTime(by: .seconds(20))
        try await connection.send("GET / ")
        await connection.advanceTime(by: .milliseconds(9_999))
        #expect(connection.isOpen)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(try await connection.received().hasPrefix("HTTP/1.1 408"))
    }

    @Test("a body that stands still is cut after 10 seconds with 408")
    func bodyStandsStill() async throws {
        let connection = try await reading()
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab")
        await connection.advanceTime(by: .milliseconds(9_999))
        #expect(try await connection.received().isEmpty)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(try await connection.received(until: "body").hasPrefix("HTTP/1.1 408"))
        await connection.run()
        #expect(!connection.isOpen)
    }

    @Test("a body that drips below 1 KiB a second is cut, however long it could go on")
    func bodyDrips() async throws {
        let connection = try await reading()
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        var seconds = 0
        while connection.isOpen, seconds < 60 {
            try await connection.send(String(repeating: "a", count: 100))
            await connection.advanceTime(by: .seconds(1))
            seconds += 1
        }
        #expect(try await connection.received().hasPrefix("HTTP/1.1 408"))
        #expect((10...13).contains(seconds))
    }

    @Test("a long body at a good pace may take longer than 10 seconds")
    func bodyAtGoodPace() async throws {
        let connection = try await reading()
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 81920\r\n\r\n")
        for _ in 1...40 {
            await connection.advanceTime(by: .seconds(1))
            try await connection.send(String(repeating: "a", count: 2048))
        }
        #expect(try await connection.received(until: "bytes").hasSuffix("81920 bytes"))
    }

    @Test("a client that the handler lets wait is not slow")
    func bodyNotRead() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            await gate.wait()
            return Response(text: "\(try await request.body.collect().readableBytes) bytes")
        }
        let half = String(repeating: "a", count: 65_536)
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 131072\r\n\r\n\(half)")
        await connection.advanceTime(by: .minutes(10))
        #expect(connection.isOpen)
        gate.open()
        await connection.run()
        try await connection.send(half)
        #expect(try await connection.received(until: "bytes").hasSuffix("131072 bytes"))
    }

    @Test("a handler may take as long as it likes")
    func slowHandler() async throws {
        let gate = Gate()
        let connection = try await TestConnection { _ in
            await gate.wait()
            return Response(text: "done")
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await connection.advanceTime(by: .hours(1))
        #expect(connection.isOpen)
        gate.open()
        #expect(try await connection.received(until: "done").hasPrefix("HTTP/1.1 200"))
    }

    @Test("a handler may take as long as it likes after a body that came in pieces, too")
    func slowHandlerAfterBody() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            let body = try await request.body.text()
            await gate.wait()
            return Response(text: body)
        }
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        try await connection.send("cd")
        await connection.advanceTime(by: .hours(1))
        #expect(connection.isOpen)
        gate.open()
        #expect(try await connection.received(until: "abcd").hasPrefix("HTTP/1.1 200"))
    }

    @Test("a client that takes nothing of its response for 30 seconds is cut")
    func write() async throws {
        let ended = Gate()
        let connection = try await TestConnection { _ in
            Response { writer in
                defer { ended.open() }
                while true { try await writer.write("piece") }
            }
        }
        try await connection.setRoom(writes: 1)
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await connection.advanceTime(by: .milliseconds(29_999))
        #expect(connection.isOpen)
        await connection.advanceTime(by: .milliseconds(1))
        try #require(!connection.isOpen)
        await ended.wait()
    }

    @Test("a client that pipelines and takes nothing is cut too")
    func writeBehindAnother() async throws {
        let connection = try await TestConnection { request in
            request.path == "/first" ? Response(text: "first") : Response { try await $0.write("second") }
        }
        try await connection.setRoom(writes: 1)
        try await connection.send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
        try await connection.send("GET /second HTTP/1.1\r\nHost: x\r\n\r\n")
        await connection.advanceTime(by: .seconds(30))
        #expect(!connection.isOpen)
    }

    @Test("with each bit that the client takes it has another 30 seconds")
    func writeGoesOn() async throws {
        let connection = try await TestConnection { _ in
            Response { writer in while true { try await writer.write("piece") } }
        }
        try await connection.setRoom(writes: 1)
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in 1...3 {
            await connection.advanceTime(by: .seconds(29))
            try await connection.setRoom(writes: 1)
        }
        #expect(connection.isOpen)
        await connection.advanceTime(by: .seconds(30))
        #expect(!connection.isOpen)
    }

    private func refusing() async throws -> TestConnection {
        let connection = try await TestConnection { _ in Response(.forbidden, text: "no") }
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        #expect(try await connection.received().hasSuffix("no"))
        #expect(connection.isConnected && !connection.isOpen)
        return connection
    }

    @Test("RFC 9112 §9.6: after its last answer the server waits for a silent client for 5 seconds")
    func lingerInSilence() async throws {
        let connection = try await refusing()
        await connection.advanceTime(by: .milliseconds(4_999))
        #expect(connection.isConnected)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(!connection.isConnected)
    }

    @Test("RFC 9112 §9.6: one that goes on sending is listened to for 30 seconds, and heeded in nothing")
    func linger() async throws {
        let connection = try await refusing()
        for _ in 1...7 {
            await connection.advanceTime(by: .seconds(4))
            try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await connection.asksForBytes())
            #expect(connection.isConnected)
        }
        await connection.advanceTime(by: .milliseconds(1_999))
        #expect(connection.isConnected)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(!connection.isConnected)
        #expect(try await connection.received().isEmpty)
    }

    @Test("while a server stops it has a second more, whenever the stop comes", arguments: [true, false])
    func lingerWhileStopping(isBefore: Bool) async throws {
        let connection: TestConnection
        if isBefore {
            connection = try await TestConnection { _ in Response(text: "bye") }
            try await connection.stop()
        } else {
            connection = try await refusing()
            try await connection.stop()
        }
        #expect(connection.isConnected && !connection.isOpen)
        await connection.advanceTime(by: .milliseconds(999))
        try await connection.send("more")
        #expect(connection.isConnected)
        await connection.advanceTime(by: .milliseconds(1))
        #expect(!connection.isConnected)
    }

    @Test(
        "an answer before the end of a body is followed by reading on, however full the input was",
        arguments: [0, 65_536, 1_000_000])
    func earlyAnswer(length: Int) async throws {
        let gate = Gate()
        let connection = try await TestConnection { _ in
            await gate.wait()
            return Response(.contentTooLarge, text: "too large")
        }
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nf4240\r\n")
        try await connection.send(ByteBuffer(repeating: 0x61, count: length))
        // Refused while 64 KiB wait for the handler.
        let isRead = try await connection.asksForBytes()
        #expect(isRead == (length < 65_536))
        let before = connection.readCount
        gate.open()
        #expect(try await connection.received(until: "too large").hasPrefix("HTTP/1.1 413 "))
        await connection.run()
        #expect(isRead || connection.readCount > before)
        #expect(try await connection.asksForBytes())
    }

    @Test("a client that closes ends the lingering")
    func lingerEnds() async throws {
        let connection = try await TestConnection { _ in Response(text: "bye") }
        _ = try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(connection.isConnected)
        try await connection.finishSending()
        #expect(!connection.isConnected)
    }

    @Test("a client that does not take the last answer is cut after 30 seconds")
    func lastWrite() async throws {
        let connection = try await TestConnection { _ in Response(text: "bye") }
        try await connection.setRoom(writes: 0)
        _ = try await connection.answer(to: "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await connection.advanceTime(by: .seconds(30))
        #expect(!connection.isConnected)
    }
}
