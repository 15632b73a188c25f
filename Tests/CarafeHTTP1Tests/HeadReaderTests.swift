import NIOCore
import Testing

@testable import CarafeHTTP1

@Suite(.timeLimit(.minutes(10))) struct HeadReaderTests {
    @Test("RFC 9112 §2.2: one empty line before the request line is skipped, a second is refused")
    func emptyLine() {
        #expect(read("\r\n" + get()).count == 2)
        #expect(read([[0x0D], [0x0A], Array(get().utf8)]).count == 2)
        #expect(refusal("\r\n\r") == 400)
        #expect(refusal("\n") == 400)
        #expect(refusal("\rG") == 400)
        #expect(refusal("\r\r") == 400)
        #expect(refusal("\r") == nil)
    }

    @Test("RFC 9112 §2.2: an empty line may stand between two requests")
    func emptyLineBetween() {
        #expect(read(get() + "\r\n" + get()).count == 4)
        #expect(refusal(get() + "\r\n\r\n") == 400)
    }

    @Test("an incomplete head stays in the buffer") func incompleteHeadStays() throws {
        var reader = HeadReader()
        var bytes = ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\nB: c")
        #expect(try reader.read(&bytes, limits: .init()) == nil)
        #expect(bytes.readableBytes == 29)
        bytes.writeString("\r\n\r\nrest")
        let head = try #require(try reader.read(&bytes, limits: .init()))
        #expect(String(buffer: head.fields.bytes) == "Host: a\r\nB: c\r\n")
        #expect(String(buffer: bytes) == "rest")
    }

    @Test("reading is relative to the buffer's reader index") func readingIsRelative() throws {
        var reader = HeadReader()
        var bytes = ByteBuffer(string: "before" + "GET /a HTTP/1.1\r\nHo")
        bytes.moveReaderIndex(forwardBy: 6)
        #expect(try reader.read(&bytes, limits: .init()) == nil)
        bytes.discardReadBytes()
        bytes.writeString("st: b\r\n\r\n")
        let head = try #require(try reader.read(&bytes, limits: .init()))
        #expect(head.target == "/a")
        #expect(head.host == "b")
    }
}
