import NIOCore
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct MessageTests {
    @Test("Text has bytes and text")
    func text() {
        let message = Message.text("zwölf")
        #expect(message.kind == .text)
        #expect(message.text == "zwölf")
        #expect(message.bytes == ByteBuffer(string: "zwölf"))
    }

    @Test("Binary has no text")
    func binary() {
        let message = Message.binary([1, 2, 3])
        #expect(message.kind == .binary)
        #expect(message.text == nil)
        #expect(message == .binary(ByteBuffer(bytes: [1, 2, 3])))
    }

    @Test("The same bytes are another message when of another kind")
    func equality() {
        #expect(Message.text("a") != .binary(Array("a".utf8)))
        #expect(Message.text("a") == .text("a"))
    }

    @Test(
        "RFC 6455 §5.6: text from bytes must be whole UTF-8", arguments: [[0xFF], [0xC3], [0xC0, 0x80]] as [[UInt8]])
    func invalid(bytes: [UInt8]) {
        #expect(Message(utf8: ByteBuffer(bytes: bytes)) == nil)
    }

    @Test("Text from bytes that are UTF-8")
    func valid() {
        #expect(Message(utf8: ByteBuffer(string: "水")) == .text("水"))
    }
}
