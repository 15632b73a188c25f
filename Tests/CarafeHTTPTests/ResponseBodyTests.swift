import NIOCore
import Synchronization
import Testing

@testable import CarafeHTTP

private struct Broken: Error {}

@Suite struct ResponseBodyTests {
    @Test func knowsItsLengthBeforeItIsSent() {
        #expect(ResponseBody.none.length == 0)
        #expect(ResponseBody.text("é").length == 2)
        #expect(ResponseBody.bytes(ByteBuffer(bytes: [1, 2, 3])).length == 3)
        #expect(ResponseBody.stream { _ in }.length == nil)
    }

    @Test func collectsAStream() async throws {
        let body = ResponseBody.stream { writer in
            try await writer.write("a")
            try await writer.write(ByteBuffer())
            try await writer.write(ByteBuffer(string: "b"))
        }
        #expect(String(buffer: try await body.collect()) == "ab")
    }

    @Test func anEmptyPieceIsNotSent() async throws {
        try await BodyWriter { _ in throw Broken() }.write("")
        await #expect(throws: Broken.self) { try await BodyWriter { _ in throw Broken() }.write("a") }
    }

    @Test func aPieceIsSentNowOnlyWhereThatNeedsNoWaiting() throws {
        let piece = ByteBuffer(string: "a")
        #expect(try !BodyWriter { _ in }.writeNow(piece))
        for isReady in [true, false] {
            let ready = { @Sendable (_: ByteBuffer) in isReady }
            #expect(try BodyWriter(now: ready) { _ in throw Broken() }.writeNow(piece) == isReady)
        }
    }

    @Test("code around a streamed body runs while it is made, and a body at hand stays as it is")
    func wrapped() async throws {
        let stream = ResponseBody.stream { writer in
            try await writer.write("a")
            try await writer.write("b")
        }
        let loud = stream.wrapped { writer, produce in
            try await writer.write("<")
            try await produce(BodyWriter { piece in try await writer.write(String(buffer: piece).uppercased()) })
            try await writer.write(">")
        }
        #expect(String(buffer: try await loud.collect()) == "<AB>")
        let text = ResponseBody.text("x").wrapped { _, _ in Issue.record("no stream") }
        #expect(String(buffer: try await text.collect()) == "x")
    }

    @Test("a writer tells of each piece that it hands on, also of those that are sent at once")
    func onWrite() async throws {
        let count = Mutex(0)
        let note = { @Sendable (piece: ByteBuffer) in count.withLock { $0 += piece.readableBytes } }
        let writer = BodyWriter { _ in }.onWrite(note)
        try await writer.write("abc")
        #expect(!writer.canWriteNow && count.withLock { $0 } == 3)
        for isReady in [true, false] {
            let quick = BodyWriter(now: { _ in isReady }, { _ in }).onWrite(note)
            #expect(try quick.writeNow(ByteBuffer(string: "de")) == isReady)
        }
        #expect(count.withLock { $0 } == 5)
    }
}
