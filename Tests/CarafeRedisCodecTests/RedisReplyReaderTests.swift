import CarafeRedisCodec
import NIOCore
import TestSupport
import Testing

@Suite("Reader of replies", .timeLimit(.minutes(10)))
struct RedisReplyReaderTests {
    private static func bulk(_ text: String) -> RedisReply { .bulk(ByteBuffer(string: text)) }

    private static let replies: [(String, RedisReply)] = [
        ("+OK\r\n", .simple("OK")),
        ("+\r\n", .simple("")),
        (":0\r\n", .integer(0)),
        (":-9223372036854775808\r\n", .integer(.min)),
        ("$0\r\n\r\n", bulk("")),
        ("$5\r\na\r\nbc\r\n", bulk("a\r\nbc")),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n$1\r\na\r\n:7\r\n", .array([bulk("a"), .integer(7)])),
        ("*3\r\n*0\r\n*1\r\n$-1\r\n+x\r\n", .array([.array([]), .array([.null]), .simple("x")])),
        ("-ERR unknown command\r\n", .error(RedisError(line: "ERR unknown command"))),
        ("*2\r\n-OOM no\r\n:1\r\n", .array([.error(RedisError(line: "OOM no")), .integer(1)])),
        ("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", .array([.array([.array([.array([.array([.integer(1)])])])])])),
    ]

    @Test("a reply is read from its bytes", arguments: replies)
    func whole(text: String, reply: RedisReply) throws {
        var reader = RedisReplyReader()
        try reader.append(ByteBuffer(string: text))
        #expect(try reader.next() == reply)
        #expect(try reader.next() == nil)
    }

    @Test("a reply is read byte by byte, and ends with its last", arguments: replies)
    func byteByByte(text: String, reply: RedisReply) throws {
        var reader = RedisReplyReader()
        for byte in text.utf8.dropLast() {
            try reader.append(ByteBuffer(bytes: [byte]))
            #expect(try reader.next() == nil)
        }
        try reader.append(ByteBuffer(string: "\n"))
        #expect(try reader.next() == reply)
    }

    @Test("replies are read in order, wherever a read of the socket ends")
    func pieces() throws {
        let text = Self.replies.map(\.0).joined()
        for length in 1...text.utf8.count {
            var reader = RedisReplyReader()
            var bytes = ByteBuffer(string: text)
            var found: [RedisReply] = []
            while let piece = bytes.readSlice(length: min(length, bytes.readableBytes)), piece.readableBytes > 0 {
                try reader.append(piece)
                while let reply = try reader.next() { found.append(reply) }
            }
            #expect(found == Self.replies.map(\.1))
        }
    }

    @Test(
        "bytes that are no reply are an error, and stay one",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "\r\n", "\0\0\0\0\r\n", ":\r\n", ":1a\r\n", ":9223372036854775808\r\n",
            "$-2\r\n", "$x\r\n", "*-2\r\n", "*99999999999\r\n", "$9999999999999999999999\r\n",
            String(repeating: "*1\r\n", count: 9) + ":1\r\n",
        ])
    func malformed(text: String) throws {
        var reader = RedisReplyReader()
        try reader.append(ByteBuffer(string: text))
        #expect(isMalformed { _ = try reader.next() })
        #expect(
            isMalformed {
                try reader.append(ByteBuffer(string: "+OK\r\n"))
                _ = try reader.next()
            })
    }

    private func isMalformed(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch {
            return if case .malformed(let problem)? = error as? RedisProtocolError { !problem.isEmpty } else { false }
        }
    }

    @Test("bytes of one value past the limit are an error")
    func longBytes() throws {
        var reader = RedisReplyReader(sizeLimit: 1024)
        try reader.append(ByteBuffer(string: "$1000000000\r\n"))
        let piece = ByteBuffer(repeating: 0x61, count: 65_536)
        #expect(throws: RedisProtocolError.tooLarge(limit: 1024)) {
            for _ in 0..<100 {
                try reader.append(piece)
                #expect(try reader.next() == nil)
            }
        }
    }

    @Test("a whole value past the limit is an error")
    func largeBytes() throws {
        var reader = RedisReplyReader(sizeLimit: 1024)
        try reader.append(ByteBuffer(string: "$2000\r\n" + String(repeating: "a", count: 2000) + "\r\n"))
        #expect(throws: RedisProtocolError.tooLarge(limit: 1024)) { try reader.next() }
    }

    @Test("an array of many small elements past the limit is an error")
    func longArray() throws {
        var reader = RedisReplyReader(sizeLimit: 1024)
        try reader.append(ByteBuffer(string: "*2000000000\r\n" + String(repeating: ":1\r\n", count: 1000)))
        #expect(throws: RedisProtocolError.tooLarge(limit: 1024)) { try reader.next() }
    }

    @Test("the limit is for one reply, and not for all of them")
    func manyReplies() throws {
        var reader = RedisReplyReader(sizeLimit: 1024)
        for _ in 0..<1000 {
            try reader.append(ByteBuffer(string: "$100\r\n" + String(repeating: "a", count: 100) + "\r\n"))
            #expect(try reader.next() != nil)
        }
    }

    @Test(
        "a reader that is dropped in the middle of a reply frees its parts",
        arguments: ["*2\r\n*1\r\n:1\r\n", "$9\r\nab"])
    func halfReply(text: String) throws {
        var reader = RedisReplyReader()
        try reader.append(ByteBuffer(string: text))
        #expect(try reader.next() == nil)
    }

    @Test("random changes of replies are read, or are an error")
    func changedBytes() {
        let original = Array(Self.replies.map(\.0).joined().utf8)
        var generator = SeededGenerator(seed: 1)
        var errorCount = 0
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = bytes.indices.randomElement(using: &generator) ?? 0
                bytes[index] = "+-:$*\r\n019a".utf8.randomElement(using: &generator) ?? 0
            }
            var reader = RedisReplyReader(sizeLimit: 1 << 16)
            do {
                try reader.append(ByteBuffer(bytes: bytes))
                while try reader.next() != nil {}
            } catch {
                errorCount += 1
            }
        }
        #expect(errorCount > 1000)
    }
}
