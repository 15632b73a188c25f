import NIOCore
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
}
