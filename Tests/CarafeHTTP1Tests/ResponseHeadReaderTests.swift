import NIOCore
import Testing

@testable import CarafeHTTP1

@Suite("ResponseHeadReader", .timeLimit(.minutes(10))) struct ResponseHeadReaderTests {
    private func read(_ text: String, limit: Int = 1000) throws -> (head: ResponseHead, rest: String)? {
        var reader = ResponseHeadReader(limit: limit)
        var bytes = ByteBuffer(string: text)
        return try reader.read(&bytes).map { ($0, String(buffer: bytes)) }
    }

    @Test("RFC 9112 §4: the status, the fields, and the bytes that follow stay where they are")
    func reads() throws {
        let found = try read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nA: b\r\na: c\r\n\r\nrest")
        let (head, rest) = try #require(found)
        #expect(head.status == 101)
        #expect(head.fields.values(of: "a") == ["b", "c"])
        #expect(head.fields.value(of: "upgrade") == "websocket")
        #expect(rest == "rest")
    }

    @Test(
        "RFC 9112 §4: the reason may be anything, or missing; §2.3: any minor version",
        arguments: [
            "HTTP/1.1 404 Not (really) Found é", "HTTP/1.1 404 ", "HTTP/1.1 404", "HTTP/1.0 404 x", "HTTP/1.9 404 x",
        ])
    func statusLine(line: String) throws {
        #expect(try read(line + "\r\n\r\n")?.head.status == 404)
    }

    @Test(
        "a malformed status line or field is refused",
        arguments: [
            "HTTP/2.0 200 OK\r\n", "HTTP/1.1  200 OK\r\n", "http/1.1 200 OK\r\n", "HTTP/1.1 20 OK\r\n",
            "HTTP/1.1 2000\r\n",
            "HTTP/1.1 200 OK\n", "SSH-2.0-OpenSSH\r\n", "\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
            "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n",
        ])
    func refuses(text: String) {
        #expect(throws: ResponseError.self) { try read(text) }
    }

    @Test("a head of any length in pieces of any length is the same head")
    func pieces() throws {
        let text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u{81}"
        for length in 1...text.utf8.count {
            var reader = ResponseHeadReader()
            var bytes = ByteBuffer()
            var head: ResponseHead?
            var source = ByteBuffer(string: text)
            while let piece = source.readSlice(length: min(length, source.readableBytes)), piece.readableBytes > 0 {
                bytes.writeImmutableBuffer(piece)
                if head == nil { head = try reader.read(&bytes) }
            }
            #expect(head?.status == 101)
            #expect(head?.fields.value(of: "connection") == "Upgrade")
            #expect(String(buffer: bytes) == "\u{81}")
        }
    }

    @Test("a head past the limit is refused, before its end")
    func limit() throws {
        let head = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"
        #expect(try read(head, limit: head.utf8.count) != nil)
        #expect(throws: ResponseError.self) { try read(head, limit: head.utf8.count - 1) }
        #expect(throws: ResponseError.self) {
            try read("HTTP/1.1 200 " + String(repeating: "x", count: 100), limit: 50)
        }
        #expect(throws: ResponseError.self) {
            try read("HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 100), limit: 50)
        }
        #expect(try read("HTTP/1.1 200", limit: 50) == nil)
    }
}
