import Carafe
import CarafeTesting
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite("TestStream", .timeLimit(.minutes(10)))
struct TestStreamTests {
    private struct Broken: Error {}

    @Test("pieces come as they are written, and then nil")
    func pieces() async throws {
        let gate = Gate()
        var app = App()
        app.get("/") { _ in
            Response(headers: [.contentType: "text/plain"]) { writer in
                try await writer.write("one")
                await gate.wait()
                try await writer.write("two")
                try await writer.write("three")
            }
        }
        try await TestClient(app).stream("/") { stream async throws in
            #expect(stream.response.status == .ok)
            #expect(stream.response.headers[.contentType] == "text/plain")
            #expect(try await stream.nextText() == "one")
            gate.open()
            #expect(try await stream.nextText() == "two")
            #expect(try await stream.nextText() == "three")
            #expect(try await stream.nextText() == nil)
        }
    }

    @Test("a body at hand is one piece, and an error status has one too")
    func wholeBody() async throws {
        var app = App()
        app.post("/") { request in try await request.body.text() }
        let client = try TestClient(app)
        try await client.stream("/", method: .post, body: ByteBuffer(string: "hello")) { stream async throws in
            var pieces: [String] = []
            for try await piece in stream { pieces.append(String(buffer: piece)) }
            #expect(pieces == ["hello"])
        }
        try await client.stream("/nowhere") { stream in #expect(stream.response.status == .notFound) }
    }

    @Test("timers of the app go by the test's time")
    func virtualTime() async throws {
        var app = App()
        app.get("/") { request in
            let eventLoop = request.connection.eventLoop
            return Response { writer in
                for hour in 1...3 {
                    let timer = eventLoop.scheduleTask(in: .hours(1)) {}
                    try await writer.write("waiting \(hour)")
                    try await timer.futureResult.get()
                }
            }
        }
        let client = try TestClient(app)
        try await client.stream("/") { stream async throws in
            for hour in 1...3 {
                #expect(try await stream.nextText() == "waiting \(hour)")
                await client.advanceTime(by: .hours(1))
            }
            #expect(try await stream.next() == nil)
        }
    }

    @Test("leaving cancels the app's closure, whose writes fail, and waits for its end")
    func leaving() async throws {
        let ends = Mutex<[String]>([])
        var app = App()
        app.get("/waits") { _ in
            Response { writer in
                defer { ends.withLock { $0.append("cancelled \(Task.isCancelled)") } }
                try await writer.write("x")
                await Gate().wait()
            }
        }
        app.get("/writes") { _ in
            Response { writer in
                do {
                    while true { try await writer.write(String(repeating: "x", count: 1 << 10)) }
                } catch {
                    ends.withLock { $0.append("\(error)") }
                }
            }
        }
        let client = try TestClient(app)
        try await client.stream("/waits") { stream in _ = try await stream.next() }
        try await client.stream("/writes") { stream async throws in
            for _ in 0..<200 { #expect(try await stream.next()?.readableBytes == 1 << 10) }
        }
        #expect(ends.withLock { $0 } == ["cancelled true", "\(ChannelError.ioOnClosedChannel)"])
    }

    @Test("a client that does not read exerts backpressure on the app")
    func backpressure() async throws {
        let written = Mutex(0)
        var app = App()
        app.get("/") { _ in
            Response { writer in
                while true {
                    try await writer.write(String(repeating: "x", count: 1 << 10))
                    written.withLock { $0 += 1 }
                }
            }
        }
        let client = try TestClient(app)
        try await client.stream("/") { stream async throws in
            await client.advanceTime(by: .hours(1))
            #expect(written.withLock { $0 } <= 64)
            for _ in 0..<100 { _ = try await stream.next() }
            #expect(written.withLock { $0 } <= 165)
        }
    }

    @Test("what the app's closure throws, and what the test throws, comes out")
    func errors() async throws {
        var app = App()
        app.get("/") { _ in
            Response { writer in
                try await writer.write("x")
                throw Broken()
            }
        }
        let client = try TestClient(app)
        try await client.stream("/") { stream async throws in
            #expect(try await stream.nextText() == "x")
            await #expect(throws: Broken.self) { try await stream.next() }
        }
        await #expect(throws: CancellationError.self) {
            try await client.stream("/") { _ in throw CancellationError() }
        }
    }
}
