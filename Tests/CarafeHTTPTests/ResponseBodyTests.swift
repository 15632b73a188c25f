import CarafeRuntime
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeHTTP

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

private struct Broken: Error {}

@Suite(.timeLimit(.minutes(10))) struct ResponseBodyTests {
    @Test("knows its length before it is sent") func knowsItsLengthBefore() {
        #expect(ResponseBody.none.length == 0)
        #expect(ResponseBody.text("é").length == 2)
        #expect(ResponseBody.bytes(ByteBuffer(bytes: [1, 2, 3])).length == 3)
        #expect(ResponseBody.stream { _ in }.length == nil)
    }

    @Test("collects a stream") func collectsAStream() async throws {
        let body = ResponseBody.stream { writer in
            try await writer.write("a")
            try await writer.write(ByteBuffer())
            try await writer.write(ByteBuffer(string: "b"))
        }
        #expect(String(buffer: try await body.collect()) == "ab")
    }

    @Test("an empty piece is not sent") func emptyPiece() async throws {
        try await BodyWriter { _ in throw Broken() }.write("")
        await #expect(throws: Broken.self) { try await BodyWriter { _ in throw Broken() }.write("a") }
    }

    @Test("a piece is sent at once only if the connection is writable") func pieceIsSent() throws {
        let piece = ByteBuffer(string: "a")
        #expect(try !BodyWriter { _ in }.writeNow(piece))
        for isReady in [true, false] {
            let ready = { @Sendable (_: ByteBuffer) in isReady }
            #expect(try BodyWriter(now: ready) { _ in throw Broken() }.writeNow(piece) == isReady)
        }
    }

    @Test("every kind of body is written to a writer, a file in pieces of 64 KiB")
    func writes() async throws {
        let folder = try TemporaryFolder()
        try folder.write(String(repeating: "x", count: 65_536) + "tail", to: "file")
        let file = OpenFile(descriptor: open(folder.path + "/file", O_RDONLY))
        let bodies: [(ResponseBody, [Int])] = [
            (.none, []), (.text(""), []), (.text("é"), [2]), (.bytes(ByteBuffer(bytes: [1, 2, 3])), [3]),
            (.file(FileSlice(file, offset: 1, count: 65_539)), [65_536, 3]),
            (.file(FileSlice(file, offset: 0, count: 0)), []),
            (.stream { writer in for word in ["a", "bc"] { try await writer.write(word) } }, [1, 2]),
        ]
        let lengths = Mutex<[Int]>([])
        let writer = BodyWriter { piece in lengths.withLock { $0.append(piece.readableBytes) } }
        for (body, expected) in bodies {
            try await body.write(to: writer)
            #expect(lengths.withLock { $0 } == expected, "\(body)")
            lengths.withLock { $0 = [] }
        }
        await #expect(throws: TruncatedFileError.self, "a file that has become shorter") {
            try await ResponseBody.file(FileSlice(file, offset: 65_536, count: 5)).write(to: writer)
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

    @Test("a writer passes each piece to its closure, also those that are sent at once")
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
