import CarafeHTTP
import CarafeRuntime
import Foundation
import HTTPTypes
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import CarafeServer

@Suite("HTTP1ResponseWriter", .timeLimit(.minutes(10)))
struct HTTP1ResponseWriterTests {
    private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    /// An open file with these bytes, which is removed from its folder at once.
    private func file(_ bytes: [UInt8]) throws -> OpenFile {
        let path = NSTemporaryDirectory() + "carafe-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
        return OpenFile(descriptor: descriptor)
    }

    @Test("head and small body leave in one write")
    func oneWrite() async throws {
        let connection = try await TestConnection { _ in Response(text: "small") }
        try await connection.send(get)
        let first = try #require(try await connection.receivedWrite())
        #expect(first.readableBytes > 5)
        #expect(try await connection.receivedWrite() == nil)
    }

    @Test("answers to pipelined requests leave in one write")
    func oneWriteForPipeline() async throws {
        let connection = try await TestConnection { _ in Response(text: "small") }
        try await connection.send(get + get + get)
        let first = try #require(try await connection.receivedWrite())
        #expect(first.readableBytes > 3 * 5)
        #expect(try await connection.receivedWrite() == nil)
    }

    @Test("a large body in memory comes whole")
    func largeBytes() async throws {
        let text = String(repeating: "0123456789", count: 20_000)
        let connection = try await TestConnection { _ in Response(body: .bytes(ByteBuffer(string: text))) }
        let answer = try await connection.answer(to: get)
        #expect(answer.contains("\r\ncontent-length: 200000\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n" + text))
    }

    @Test("RFC 9110 §15.2: an interim status is no answer to a request", arguments: [100, 101, 103, 199])
    func interim(code: Int) async throws {
        for body: ResponseBody in [.none, .text("text"), .stream { try await $0.write("text") }] {
            let connection = try await TestConnection { _ in Response(.init(code: code), body: body) }
            let answer = try await connection.answer(to: get)
            #expect(answer.hasPrefix("HTTP/1.1 500 "), "\(answer)")
        }
    }

    @Test("RFC 9110 §15.3.6: 205 has no content")
    func resetContent() async throws {
        for body: ResponseBody in [.none, .text("text"), .stream { try await $0.write("text") }] {
            let connection = try await TestConnection { _ in Response(.resetContent, body: body) }
            let answer = try await connection.answer(to: get + get)
            #expect(answer.ranges(of: "HTTP/1.1 205 ").count == 2 && answer.contains("\r\ncontent-length: 0\r\n"))
            #expect(!answer.contains("text"))
        }
    }

    @Test("RFC 9112 §7.1: a streamed body is chunked")
    func chunked() async throws {
        let connection = try await TestConnection { _ in
            Response { writer in
                try await writer.write("Hello")
                try await writer.write("")
                try await writer.write(String(repeating: "a", count: 300))
            }
        }
        let answer = try await connection.answer(to: get)
        let long = String(repeating: "a", count: 300)
        #expect(answer.contains("\r\ntransfer-encoding: chunked\r\n"))
        #expect(!answer.contains("content-length"))
        #expect(answer.hasSuffix("\r\n\r\n5\r\nHello\r\n12c\r\n\(long)\r\n0\r\n\r\n"))
        #expect(try await connection.answer(to: get).hasSuffix("0\r\n\r\n"))
    }

    @Test("RFC 9112 §6.1: to HTTP/1.0 a streamed body is not chunked, and ends with the connection")
    func untilClose() async throws {
        let connection = try await TestConnection { _ in Response { try await $0.write("Hello") } }
        let answer = try await connection.answer(to: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(answer.contains("\r\nconnection: close\r\n"))
        #expect(!answer.contains("transfer-encoding"))
        #expect(answer.hasSuffix("\r\n\r\nHello"))
        #expect(!connection.isOpen)
    }

    @Test("the head of a stream leaves before its first piece")
    func headOfStreamFirst() async throws {
        let gate = Gate()
        let connection = try await TestConnection { _ in Response { _ in await gate.wait() } }
        #expect(try await connection.answer(to: get).hasSuffix("\r\n\r\n"))
        gate.open()
        #expect(try await connection.received(until: "0\r\n\r\n") == "0\r\n\r\n")
    }

    @Test("a writer waits until the peer reads")
    func backpressure() async throws {
        let written = Mutex(0)
        let connection = try await TestConnection { _ in
            Response { writer in
                for _ in 1...10 {
                    try await writer.write("piece")
                    written.withLock { $0 += 1 }
                }
            }
        }
        // The head, and three pieces.
        try await connection.setRoom(writes: 4)
        try await connection.send(get)
        #expect(written.withLock { $0 } == 2)
        try await connection.setRoom(writes: 2)
        #expect(written.withLock { $0 } == 4)
        try await connection.setRoom(writes: .max)
        #expect(written.withLock { $0 } == 10)
        #expect(try await connection.received().hasSuffix("0\r\n\r\n"))
    }

    @Test("a file is read no faster than the peer takes it")
    func fileBackpressure() async throws {
        let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 >> 8) }
        let file = try file(bytes)
        let connection = try await TestConnection { _ in
            Response(body: .file(FileSlice(file, offset: 0, count: bytes.count)))
        }
        try await connection.setRoom(writes: 2)
        try await connection.send(get)
        let first = try await drain(connection)
        #expect(first.readableBytes < 512 << 10)
        try await connection.setRoom(writes: .max)
        var all = first
        all.writeImmutableBuffer(try await drain(connection))
        all.moveReaderIndex(to: all.writerIndex - bytes.count)
        #expect(all == ByteBuffer(bytes: bytes))
        #expect(connection.isOpen)
    }

    private func drain(_ connection: TestConnection) async throws -> ByteBuffer {
        var all = ByteBuffer()
        while let piece = try await connection.receivedWrite() {
            all.writeImmutableBuffer(piece)
        }
        return all
    }

    @Test("a part of a file is sent with its own length")
    func filePart() async throws {
        let file = try file(Array("0123456789".utf8))
        let connection = try await TestConnection { _ in Response(body: .file(FileSlice(file, offset: 3, count: 4))) }
        let answer = try await connection.answer(to: get)
        #expect(answer.contains("\r\ncontent-length: 4\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n3456"))
    }

    @Test("a file that has become shorter breaks the connection, as the length was promised", arguments: [10, 1 << 20])
    func truncatedFile(count: Int) async throws {
        let file = try file(Array("01234".utf8))
        let connection = try await TestConnection { _ in Response(body: .file(FileSlice(file, offset: 0, count: count)))
        }
        _ = try await connection.answer(to: get)
        #expect(!connection.isOpen)
    }

    @Test("a stream that throws breaks the connection, so that the client sees that it is not whole")
    func throwingStream() async throws {
        struct Broken: Error {}
        let connection = try await TestConnection { _ in
            Response { writer in
                try await writer.write("Hello")
                throw Broken()
            }
        }
        let answer = try await connection.answer(to: get)
        #expect(!answer.contains("0\r\n\r\n"))
        #expect(!connection.isOpen)
    }

    @Test("writing to a client that has left throws")
    func writerAfterClient() async throws {
        let thrown = Gate()
        let connection = try await TestConnection { _ in
            Response { writer in
                do {
                    while true { try await writer.write("piece") }
                } catch {
                    thrown.open()
                    throw error
                }
            }
        }
        try await connection.setRoom(writes: 2)
        try await connection.send(get)
        try await connection.dropConnection()
        await thrown.wait()
        #expect(!connection.isOpen)
    }

    @Test("RFC 9110 §9.3.2: HEAD has the fields of GET and no body")
    func head() async throws {
        let connection = try await TestConnection { request in
            switch request.path {
            case "/text": Response(text: "Hello")
            default: Response { try await $0.write("Hello") }
            }
        }
        let text = try await connection.answer(to: "HEAD /text HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(text.contains("\r\ncontent-length: 5\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
        let stream = try await connection.answer(to: "HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(stream.contains("\r\ntransfer-encoding: chunked\r\n"))
        #expect(stream.hasSuffix("\r\n\r\n") && !stream.contains("Hello") && !stream.contains("\r\n0\r\n"))
        #expect(connection.isOpen)
    }
}
