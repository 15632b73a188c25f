import CarafeWebSocketCodec
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeWebSocketTransport

@Suite("Outbox")
struct OutboxTests {
    private func wire(_ bytes: ByteBuffer?) -> [UInt8]? { bytes.map { Array($0.readableBytesView) } }

    @Test("messages and frames leave in their order, in one write")
    func order() {
        var outbox = Outbox(role: .server, compression: nil)
        #expect(wire(outbox.take()) == nil)
        outbox.append(.text("a"), on: EmbeddedEventLoop())
        outbox.append(.pong(ByteBuffer(string: "b")))
        #expect(outbox.byteCount == 6)
        // RFC 6455 §5.2: FIN and the opcode, then the length.
        #expect(wire(outbox.take()) == [0x81, 1, 0x61, 0x8A, 1, 0x62])
        #expect(wire(outbox.take()) == nil)
    }

    @Test("RFC 6455 §5.3: a client masks its frames")
    func masked() throws {
        var outbox = Outbox(role: .client, compression: nil)
        outbox.append(.pong(ByteBuffer(string: "b")))
        let bytes = try #require(wire(outbox.take()))
        #expect(bytes.count == 7)
        #expect(bytes[1] == 0x81)
        #expect(bytes[6] ^ bytes[2] == 0x62)
    }

    @Test("RFC 6455 §5.5.3: of several pongs that wait, the last one goes out, once")
    func latePong() {
        var outbox = Outbox(role: .server, compression: nil)
        outbox.postpone(pong: ByteBuffer(string: "a"))
        outbox.postpone(pong: ByteBuffer(string: "b"))
        #expect(outbox.byteCount == 0)
        outbox.appendLatePong()
        outbox.appendLatePong()
        #expect(wire(outbox.take()) == [0x8A, 1, 0x62])
    }

    @Test("the backlog keeps its order, and costs its bytes and 64 more for each piece")
    func backlog() {
        var outbox = Outbox(role: .server, compression: nil)
        #expect(!outbox.hasBacklog)
        outbox.postpone(ByteBuffer(string: "abc"))
        outbox.postpone(ByteBuffer(string: "d"))
        #expect(outbox.hasBacklog)
        #expect(outbox.backlogCost == 4 + 2 * 64)
        #expect(wire(outbox.takePostponed()) == [0x61, 0x62, 0x63])
        #expect(outbox.backlogCost == 65)
        #expect(wire(outbox.takePostponed()) == [0x64])
        #expect(!outbox.hasBacklog)
        #expect(outbox.backlogCost == 0)
        #expect(wire(outbox.takePostponed()) == nil)
    }

    @Test("what waits is forgotten, and what is about to be written is not")
    func drop() {
        var outbox = Outbox(role: .server, compression: nil)
        outbox.append(.pong(ByteBuffer()))
        outbox.postpone(pong: ByteBuffer(string: "a"))
        outbox.postpone(ByteBuffer(string: "abc"))
        outbox.dropPostponed()
        outbox.appendLatePong()
        #expect(!outbox.hasBacklog)
        #expect(outbox.backlogCost == 0)
        #expect(wire(outbox.take()) == [0x8A, 0])
    }
}
