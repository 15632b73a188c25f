import CarafeWebSocketCodec
import NIOCore
import NIOEmbedded
import Testing

@testable import CarafeWebSocketTransport

@Suite("Outbox", .timeLimit(.minutes(10)))
struct OutboxTests {
    private func wire(_ bytes: ByteBuffer?) -> [UInt8]? { bytes.map { Array($0.readableBytesView) } }

    @Test("messages and frames leave in their order, in one write")
    func order() {
        var outbox = Outbox(role: .server, compression: nil)
        #expect(wire(outbox.takeWrite()) == nil)
        outbox.append(.text("a"), on: EmbeddedEventLoop())
        outbox.append(.pong(ByteBuffer(string: "b")))
        #expect(outbox.byteCount == 6)
        // RFC 6455 §5.2: FIN and the opcode, then the length.
        #expect(wire(outbox.takeWrite()) == [0x81, 1, 0x61, 0x8A, 1, 0x62])
        #expect(wire(outbox.takeWrite()) == nil)
    }

    @Test("RFC 6455 §5.3: a client masks its frames")
    func masked() throws {
        var outbox = Outbox(role: .client, compression: nil)
        outbox.append(.pong(ByteBuffer(string: "b")))
        let bytes = try #require(wire(outbox.takeWrite()))
        #expect(bytes.count == 7)
        #expect(bytes[1] == 0x81)
        #expect(bytes[6] ^ bytes[2] == 0x62)
    }

    @Test("RFC 6455 §5.5.3: of several pongs that wait, the last one goes out, once")
    func latePong() {
        var outbox = Outbox(role: .server, compression: nil)
        outbox.isWritable = false
        outbox.answer(ping: ByteBuffer(string: "a"))
        outbox.answer(ping: ByteBuffer(string: "b"))
        #expect(outbox.byteCount == 0)
        outbox.appendLatePong()
        outbox.appendLatePong()
        #expect(wire(outbox.takeWrite()) == [0x8A, 1, 0x62])
    }

    @Test("the backlog keeps its order, and costs its bytes and 64 more for each piece")
    func backlog() {
        var outbox = Outbox(role: .server, compression: nil)
        #expect(!outbox.hasBacklog)
        outbox.isWritable = false
        #expect(outbox.enqueue(ByteBuffer(string: "abc"), areCompressed: false, limit: 200) == .queued)
        #expect(outbox.enqueue(ByteBuffer(string: "d"), areCompressed: false, limit: 200) == .queued)
        #expect(outbox.hasBacklog)
        #expect(outbox.backlogCost == 4 + 2 * 64)
        #expect(wire(outbox.takePostponed()) == [0x61, 0x62, 0x63])
        #expect(outbox.backlogCost == 65)
        #expect(wire(outbox.takePostponed()) == [0x64])
        #expect(!outbox.hasBacklog)
        #expect(outbox.backlogCost == 0)
        #expect(wire(outbox.takePostponed()) == nil)
    }

    @Test("the backlog is dropped, and the next write is not")
    func drop() {
        var outbox = Outbox(role: .server, compression: nil)
        outbox.append(.pong(ByteBuffer()))
        outbox.isWritable = false
        outbox.answer(ping: ByteBuffer(string: "a"))
        #expect(outbox.enqueue(ByteBuffer(string: "abc"), areCompressed: false, limit: 200) == .queued)
        outbox.dropPostponed()
        outbox.appendLatePong()
        #expect(!outbox.hasBacklog)
        #expect(outbox.backlogCost == 0)
        #expect(wire(outbox.takeWrite()) == [0x8A, 0])
    }

    @Test("a ping is answered at once while the channel is writable")
    func promptPong() {
        var outbox = Outbox(role: .server, compression: nil)
        outbox.answer(ping: ByteBuffer(string: "a"))
        #expect(wire(outbox.takeWrite()) == [0x8A, 1, 0x61])
    }

    @Test("the frames of a room go out at once, wait for the channel, or are dropped past the limit")
    func enqueue() {
        var outbox = Outbox(role: .server, compression: nil)
        let frames = ByteBuffer(string: "abc")
        #expect(outbox.enqueue(frames, areCompressed: false, limit: 100) == .write)
        outbox.isWritable = false
        #expect(outbox.enqueue(frames, areCompressed: false, limit: 100) == .queued)
        outbox.isWritable = true
        #expect(!outbox.takesMore)
        #expect(outbox.enqueue(frames, areCompressed: false, limit: 100) == .tooFarBehind)
        #expect(outbox.takesMore)
        #expect(outbox.backlogCost == 0)
    }

    @Test("a write waits behind the backlog")
    func nothingOvertakes() {
        var outbox = Outbox(role: .server, compression: nil)
        outbox.isWritable = false
        #expect(outbox.enqueue(ByteBuffer(string: "abc"), areCompressed: false, limit: 200) == .queued)
        outbox.append(.pong(ByteBuffer()))
        #expect(wire(outbox.takeWrite()) == nil)
        #expect(wire(outbox.takePostponed()) == [0x61, 0x62, 0x63])
        #expect(wire(outbox.takePostponed()) == [0x8A, 0])
    }
}
