import CarafeHTTP
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite("HTTPConnection: its end", .timeLimit(.minutes(10)))
struct HTTPConnectionEndTests {
    @Test("a client that leaves while its handler waits cancels the handler's task")
    func clientLeaves() async throws {
        let cancelled = Gate()
        let connection = try await TestConnection { _ in
            await Gate().wait()
            if Task.isCancelled { cancelled.open() }
            return Response(.noContent)
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await connection.dropConnection()
        await cancelled.wait()
        #expect(try await connection.received().isEmpty)
    }

    @Test("RFC 9112 §9.6: a client that closes its sending side still gets its answers")
    func halfClose() async throws {
        let gate = Gate()
        let connection = try await TestConnection { request in
            if request.path == "/slow" { await gate.wait() }
            return Response(text: request.path)
        }
        try await connection.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n")
        try await connection.finishSending()
        gate.open()
        await connection.run()
        let answers = try await connection.received()
        #expect(answers.contains("/slow"))
        #expect(answers.hasSuffix("/next"))
        #expect(!connection.isOpen)
    }

    @Test(
        "a handler that runs while the client closes its sending side is not cancelled",
        arguments: ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\na"])
    func halfCloseIsNoCancellation(request: String) async throws {
        let gate = Gate()
        let connection = try await TestConnection { _ in
            // A cancelled task goes through.
            await gate.wait()
            try Task.checkCancellation()
            return Response(text: "here")
        }
        try await connection.send(request)
        try await connection.finishSending()
        #expect(try await connection.received().isEmpty)
        gate.open()
        #expect(try await connection.received(until: "here").hasPrefix("HTTP/1.1 200 OK\r\n"))
        await connection.run()
        #expect(!connection.isConnected)
    }

    @Test("a client that closes its sending side ends a stream without an end, and no other", arguments: [true, false])
    func halfCloseInStream(isEndless: Bool) async throws {
        let (begun, go) = (Gate(), Gate())
        let connection = try await TestConnection { _ in
            var response = Response { writer in
                try await writer.write("begun")
                begun.open()
                // A cancelled task goes through.
                await go.wait()
                try await writer.write("cancelled: \(Task.isCancelled)")
            }
            response.isEndless = isEndless
            return response
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await begun.wait()
        try await connection.finishSending()
        if !isEndless { go.open() }
        #expect(try await connection.received(until: "0\r\n\r\n").contains("cancelled: \(isEndless)"))
    }

    @Test("a stream without an end that begins after the client has closed its sending side ends at once")
    func halfCloseBeforeStream() async throws {
        let gate = Gate()
        let connection = try await TestConnection { _ in
            await gate.wait()
            var response = Response { writer in
                await Gate().wait()
                try await writer.write("cancelled: \(Task.isCancelled)")
            }
            response.isEndless = true
            return response
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await connection.finishSending()
        gate.open()
        #expect(try await connection.received(until: "0\r\n\r\n").contains("cancelled: true"))
    }

    @Test("RFC 9112 §8: a client that closes its sending side within a body is told that it is not whole")
    func halfCloseInBody() async throws {
        let connection = try await TestConnection { Response(text: try await $0.body.text()) }
        try await connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        try await connection.finishSending()
        #expect(try await connection.received(until: "body.").hasPrefix("HTTP/1.1 400 "))
        await connection.run()
        #expect(!connection.isConnected)
    }

    @Test("a wait of a long poll ends when the client closes its sending side, and is answered")
    func halfCloseInPoll() async throws {
        let connection = try await TestConnection { request in
            let gate = Gate()
            await request.connection.whileServing {
                await gate.wait()
            } onStop: {
                gate.open()
            }
            return Response(text: "nothing, cancelled: \(Task.isCancelled)")
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await connection.finishSending()
        #expect(try await connection.received(until: "cancelled: ").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("a client that leaves ends a stream that has begun")
    func leaveInStream() async throws {
        let (begun, ended) = (Gate(), Gate())
        let connection = try await TestConnection { _ in
            Response { writer in
                try await writer.write("begun")
                begun.open()
                // A cancelled task goes through.
                await Gate().wait()
                if Task.isCancelled { ended.open() }
            }
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await begun.wait()
        try await connection.dropConnection()
        await ended.wait()
    }

    @Test("a half-closed idle connection closes")
    func halfCloseIdle() async throws {
        let connection = try await TestConnection { Response(text: $0.path) }
        try await connection.finishSending()
        #expect(!connection.isOpen)
    }

    @Test("a stopping server does not wait for a response without an end", arguments: [true, false])
    func stoppingEndless(isEndless: Bool) async throws {
        let (begun, go) = (Gate(), Gate())
        let connection = try await TestConnection { _ in
            var response = Response { writer in
                try await writer.write("begun")
                begun.open()
                // A cancelled task goes through.
                await go.wait()
                try await writer.write(Task.isCancelled ? "cancelled" : "finished")
            }
            response.isEndless = isEndless
            return response
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await begun.wait()
        try await connection.stop()
        if !isEndless {
            #expect(connection.isOpen)
            go.open()
        }
        let answer = try await connection.received(until: "0\r\n\r\n")
        #expect(answer.contains(isEndless ? "cancelled" : "finished"))
        await connection.run()
        #expect(!connection.isOpen)
    }

    @Test("a response without an end that begins while the server stops ends at once")
    func endlessWhileStopping() async throws {
        let (begun, go) = (Gate(), Gate())
        let connection = try await TestConnection { _ in
            begun.open()
            await go.wait()
            var response = Response { writer in
                await Gate().wait()
                try await writer.write("cancelled \(Task.isCancelled)")
            }
            response.isEndless = true
            return response
        }
        try await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await begun.wait()
        try await connection.stop()
        go.open()
        #expect(try await connection.received(until: "0\r\n\r\n").contains("cancelled true"))
    }

    @Test("a stopping server closes an idle connection at once, and a busy one after its answer")
    func stopping() async throws {
        let idle = try await TestConnection { Response(text: $0.path) }
        try await idle.stop()
        #expect(!idle.isOpen)
        let gate = Gate()
        let busy = try await TestConnection { _ in
            await gate.wait()
            return Response(text: "done")
        }
        try await busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try await busy.stop()
        #expect(busy.isOpen)
        gate.open()
        let answer = try await busy.received(until: "done")
        #expect(answer.contains("\r\nconnection: close\r\n"))
        await busy.run()
        #expect(!busy.isOpen)
    }
}
