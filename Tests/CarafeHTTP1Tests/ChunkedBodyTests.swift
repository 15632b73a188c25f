import NIOCore
import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct ChunkedBodyTests {
    @Test(
        "RFC 9112 §7.1: chunks become content, extensions and trailers are dropped",
        arguments: [
            ("0\r\n\r\n", ""), ("3\r\nabc\r\n0\r\n\r\n", "abc"), ("3\r\nabc\r\n002\r\nde\r\n000\r\n\r\n", "abcde"),
            ("1;x=y\r\n\r\r\n0;z\r\n\r\n", "\r"),
            (
                "2\r\n\r\n\r\n0\r\nA: b\r\nHost: c\r\nContent-Length: 5\r\n\r\n",
                "\r\n"
            ),
        ])
    func content(text: String, expected: String) throws {
        var events = read(chunked(text) + get())
        guard case .head(let next) = events[events.count - 2] else {
            Issue.record("no second request")
            return
        }
        #expect(next.framing == .none)
        events.removeFirst()
        let body: [RequestReader.Event] = expected.isEmpty ? [] : [.body(ByteBuffer(string: expected))]
        #expect(events == body + [.end, .head(next), .end])
    }

    // The texts end at the byte that is wrong: nothing more is waited for.
    @Test(
        "RFC 9112 §7.1: a broken chunk or trailer is refused at its first wrong byte",
        arguments: [
            "x", "\r", "\n", "-", "3\n", "3\r\nabcd", "3\r\nabc\n", "3\r\nabc\rd", "3\r\nabc0", "0\n", "0\r\n\n",
            "0\r\n ",
            "0\r\n:", "0\r\nA ", "0\r\nA: b\n", "0\r\nA: \0", "0\r\nA: b\r\n c", "0\r\n\r\r", "0\r\nA\r",
            "1\r\na\r\n\r",
        ])
    func malformed(text: String) {
        #expect(refusal(chunked(text)) == 400)
    }

    @Test("RFC 9112 §7.1.1: 413 when the extensions of all chunks are too long together")
    func extensionLimit() {
        let limits = RequestReader.Limits(chunkExtensionBytes: 10)
        #expect(read(chunked("1;abcd\r\nx\r\n0;abcd\r\n\r\n"), limits: limits).last == .end)
        #expect(refusal(chunked("1;abcd\r\nx\r\n0;abcd"), limits: limits) == nil)
        #expect(refusal(chunked("1;abcd\r\nx\r\n0;abcde"), limits: limits) == 413)
        #expect(refusal(chunked("1;abcdefghij"), limits: limits) == 413)
    }

    @Test("RFC 6585 §5: 431 when the trailer section is too long")
    func trailerLimit() {
        let limits = RequestReader.Limits(fieldCount: 2, trailerBytes: 14)
        #expect(read(chunked("0\r\nA: b\r\nC: d\r\n\r\n"), limits: limits).last == .end)
        #expect(refusal(chunked("0\r\nA: bcdefghijkl"), limits: limits) == 431)
        #expect(refusal(chunked("0\r\nA:\r\nB:\r\nC:\r\n"), limits: limits) == 431)
    }

    @Test("data is passed on as it arrives") func dataIsGiven() {
        var reader = RequestReader()
        var bytes = ByteBuffer(string: chunked("5\r\nab"))
        guard case .head = reader.next(&bytes) else {
            Issue.record("no head")
            return
        }
        #expect(reader.next(&bytes) == .body(ByteBuffer(string: "ab")))
        #expect(reader.next(&bytes) == nil)
        bytes.writeString("cde\r\n")
        #expect(reader.next(&bytes) == .body(ByteBuffer(string: "cde")))
        #expect(reader.next(&bytes) == nil)
        #expect(bytes.readableBytes == 0)
    }
}
