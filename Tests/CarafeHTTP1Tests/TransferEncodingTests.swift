import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct TransferEncodingTests {
    private static func refusal(_ value: String) -> Int? {
        CarafeHTTP1Tests.refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\(value)\r\n")
    }

    @Test("RFC 9112 §7: chunked in any case", arguments: ["chunked", "Chunked", "CHUNKED", " \tchunked\t "])
    func chunked(value: String) {
        #expect(requestHead("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\(value)\r\n\r\n")?.framing == .chunked)
    }

    @Test(
        "RFC 9112 §6.3 and §7.1: 400 when chunked is not the last coding, not alone in it, or not spelled so",
        arguments: [
            "", "identity", "gzip", "xchunked", "chunkedx", "chunk", "\u{0B}chunked", "chunked\u{0B}",
            "chunked, chunked",
            "chunked, gzip", "chunked, identity", "identity, chunked", "chunked;q=1", "chunked ;a", "gzip;q=1, chunked",
            "\"chunked\"", "chunked,", ",chunked", "chun ked", "gzip, chunked, chunked", "gzip chunked", "çhunked",
        ])
    func invalid(value: String) {
        #expect(Self.refusal(value) == 400)
    }

    @Test(
        "RFC 9112 §6.1: 501 for other codings before chunked",
        arguments: ["gzip, chunked", "a,b, Chunked", "deflate,chunked"])
    func unknown(value: String) {
        #expect(Self.refusal(value) == 501)
    }
}
