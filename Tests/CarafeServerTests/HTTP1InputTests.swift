import CarafeHTTP1
import NIOCore
import Testing

@testable import CarafeServer

@Suite("HTTP1Input", .timeLimit(.minutes(10)))
struct HTTP1InputTests {
    private var input = HTTP1Input(limits: RequestReader.Limits())

    @Test("a request that comes in pieces is one, and nothing is left of it")
    mutating func pieces() {
        input.append(ByteBuffer(string: "GET / HT"))
        #expect(input.next() == nil)
        #expect(input.begins(with: "GET ") && !input.begins(with: "HEAD "))
        input.append(ByteBuffer(string: "TP/1.1\r\nHost: x\r\n\r\n"))
        guard case .head(let head)? = input.next() else { return #expect(Bool(false), "expected a head") }
        #expect(head.method == "GET")
        #expect(input.isEmpty)
        #expect(input.next() == .end)
        #expect(input.next() == nil)
    }

    @Test("it is full with 64 KiB, and empty when the rest is taken")
    mutating func full() {
        input.append(ByteBuffer(repeating: 0x61, count: (64 << 10) - 1))
        #expect(!input.isFull)
        input.append(ByteBuffer(string: "a"))
        #expect(input.isFull)
        #expect(input.takeRest()?.readableBytes == 64 << 10)
        #expect(input.isEmpty && !input.isFull && input.takeRest() == nil)
    }
}
