import NIOCore
import TestSupport
import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct RequestReaderTests {
    @Test("RFC 9112 §2.1: a request without content is its head and its end, without further bytes")
    func noContent() throws {
        let head = try #require(requestHead(get("A: b")))
        #expect(read(get("A: b")) == [.head(head), .end])
        #expect(head.method == "GET")
        #expect(head.target == "/")
        #expect(head.minorVersion == 1)
        #expect(String(buffer: head.fields.bytes) == "Host: a\r\nA: b\r\n")
    }

    @Test("RFC 9112 §6.3: content of a length, and what follows is the next request")
    func contentLength() {
        let events = read(get("Content-Length: 3") + "abc" + get("Content-Length: 0") + get())
        #expect(events.count == 7)
        #expect(events[1] == .body(ByteBuffer(string: "abc")))
        #expect([2, 4, 6].allSatisfy { events[$0] == .end })
    }

    @Test("RFC 9112 §9.3.2: pipelined requests come out one after the other")
    func pipelining() {
        let targets = read((0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()).compactMap { event in
            if case .head(let head) = event { head.target } else { nil }
        }
        #expect(targets == (0..<50).map { "/\($0)" })
    }

    @Test("nothing comes after a failure") func nothingComesAfter() {
        var reader = RequestReader()
        var bytes = ByteBuffer(string: get() + "G(T")
        guard case .head = reader.next(&bytes) else {
            Issue.record("no head")
            return
        }
        #expect(reader.next(&bytes) == .end)
        guard case .failure = reader.next(&bytes) else {
            Issue.record("no failure")
            return
        }
        bytes = ByteBuffer(string: get())
        #expect(reader.next(&bytes) == nil)
    }

    @Test("content shares the received storage") func contentSharesTheReceived() {
        let text = get("Content-Length: 20000") + String(repeating: "x", count: 20000)
        let received = ByteBuffer(string: text)
        var (reader, bytes) = (RequestReader(), received)
        guard case .head = reader.next(&bytes), case .body(let body) = reader.next(&bytes) else {
            Issue.record("no content")
            return
        }
        func address(_ buffer: ByteBuffer, _ offset: Int) -> Int {
            // Only compared, to see that nothing was copied.
            buffer.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) + offset }
        }
        #expect(address(body, 0) == address(received, text.utf8.count - 20000))
    }

    /// Messages of every kind, whole and broken, several to a connection.
    static let messages: [String] = [
        get(), "\r\n" + get("A: b\tc") + "\r\n" + get(), get("Content-Length: 11") + "hello\r\n\r\nxy" + get(),
        chunked("5;a=\"b\\\"\"\r\nhello\r\n00a\r\n0123456789\r\n0\r\nT: u\r\n\r\n") + get(),
        chunked("0\r\n\r\n") + chunked("zz"),
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET http://b/c HTTP/1.0\r\n\r\n" + get(),
        get("Connection: upgrade", "Upgrade: websocket") + "bytes of another protocol",
        get("Content-Length: 5", "Expect: 100-continue") + "12345", get("Content-Length: 5") + "123",
        get("Content-Length: 5", "Content-Length: 5"), get("Transfer-Encoding: gzip, chunked"), get("Expect: cake"),
        get("A : b"), get("A: b\r\n c"), get("A: \u{01}"), get(" A: b"), "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.0\r\n",
        "GET /#a HTTP/1.1\r\n", "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\r\n", get() + "\r\n\r\n" + get(),
        "GET /" + String(repeating: "a", count: 150) + " HTTP/1.1\r\n", get("A: " + String(repeating: "b", count: 300)),
        String(repeating: "M", count: 200), get() + "CONNECT a:80 HTTP/1.1\r\n",
        chunked("3;\(String(repeating: "e", count: 99))"),
        chunked("0\r\n\(String(repeating: "T: u\r\n", count: 40))\r\n"),
        get(
            "A:", "B:", "C:", "D:", "E:", "F:", "G:",
            "H:", "I:"),
        chunked("3\r\nabcd"), "POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET  / HTTP/1.1\r\n",
    ]

    @Test("However the bytes are split, the events are those of the whole", arguments: messages)
    func splits(message: String) {
        let limits = RequestReader.Limits(
            requestLineBytes: 100, fieldSectionBytes: 200, fieldCount: 8, chunkExtensionBytes: 40, trailerBytes: 100)
        let bytes = Array(message.utf8)
        let whole = read([bytes], limits: limits)
        #expect(read(bytes.map { [$0] }, limits: limits) == whole)
        var generator = SeededGenerator(seed: UInt64(bytes.count))
        for _ in 0..<200 {
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            let longest = Int.random(in: 1...60, using: &generator)
            while !rest.isEmpty {
                pieces.append(Array(rest.prefix(Int.random(in: 1...longest, using: &generator))))
                rest = rest.dropFirst(pieces[pieces.count - 1].count)
            }
            #expect(read(pieces, limits: limits) == whole)
        }
    }

    @Test("Hostile bytes trap nothing, and a refused connection stays silent")
    func hostileBytes() {
        var generator = SeededGenerator(seed: 7)
        let special = Array(" \t\r\n:;,0fF[]%\0/*".utf8)
        for round in 0..<20_000 {
            var bytes = Array(Self.messages[round % Self.messages.count].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.insert(special[Int.random(in: 0..<special.count, using: &generator)], at: place)
                case 2: bytes = Array(bytes[...place] + bytes[(place + 1)...].dropFirst(3))
                default: bytes.insert(contentsOf: bytes[place...].prefix(12), at: place)
                }
            }
            let events = read([bytes])
            let failures = events.filter { if case .failure = $0 { true } else { false } }
            #expect(failures.count <= 1)
            if let failure = failures.first { #expect(events.last == failure) }
            #expect(read([Array(bytes.prefix(bytes.count / 2)), Array(bytes.suffix(from: bytes.count / 2))]) == events)
        }
    }
}
