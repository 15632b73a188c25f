import NIOCore
import Testing

@testable import CarafeHTTP1

@Suite("ChunkFraming", .timeLimit(.minutes(10)))
struct ChunkFramingTests {
    @Test("RFC 9112 §7.1: the size in hexadecimal, the data, a line end after each, and a last chunk")
    func chunks() {
        var output = ByteBuffer()
        ChunkFraming.writeHead(of: 300, into: &output)
        output.writeString("data")
        ChunkFraming.writeEnd(into: &output)
        ChunkFraming.writeLast(into: &output)
        #expect(String(buffer: output) == "12c\r\ndata\r\n0\r\n\r\n")
    }

    @Test("the framing of the longest chunk fits")
    func length() {
        var output = ByteBuffer()
        ChunkFraming.writeHead(of: .max, into: &output)
        ChunkFraming.writeEnd(into: &output)
        #expect(output.readableBytes == ChunkFraming.length)
    }
}
