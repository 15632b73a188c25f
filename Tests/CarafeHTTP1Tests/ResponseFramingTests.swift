import NIOCore
import Testing

@testable import CarafeHTTP1

@Suite("ResponseFraming", .timeLimit(.minutes(10)))
struct ResponseFramingTests {
    @Test("RFC 9112 §6.3: 1xx, 204 and 304 have no body", arguments: [100, 101, 199, 204, 304])
    func none(status: Int) {
        #expect(ResponseFraming(status: status, length: 7, isVersion11: true) == .none)
    }

    @Test("RFC 9112 §6.1, §6.2: a length where it is known; else chunks, or to HTTP/1.0 the end of the connection")
    func framing() {
        #expect(ResponseFraming(status: 200, length: 0, isVersion11: true) == .length(0))
        #expect(ResponseFraming(status: 404, length: 7, isVersion11: false) == .length(7))
        #expect(ResponseFraming(status: 200, length: nil, isVersion11: true) == .chunked)
        #expect(ResponseFraming(status: 200, length: nil, isVersion11: false) == .untilClose)
    }

    @Test(
        "the field of each framing",
        arguments: [
            (ResponseFraming.none, ""), (.length(7), "content-length: 7\r\n"),
            (.chunked, "transfer-encoding: chunked\r\n"), (.untilClose, ""),
        ])
    func field(framing: ResponseFraming, expected: String) {
        var output = ByteBuffer()
        framing.writeField(into: &output)
        #expect(String(buffer: output) == expected)
    }
}
