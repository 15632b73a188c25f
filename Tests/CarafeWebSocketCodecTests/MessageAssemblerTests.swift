import NIOCore
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct MessageAssemblerTests {
    private func part(
        _ opcode: Opcode,
        _ bytes: [UInt8],
        declared: Int? = nil,
        isFinal: Bool = true,
        reserved1: Bool = false,
        isFirst: Bool = true,
        isLast: Bool = true
    ) -> FramePart {
        let header = FrameHeader(
            isFinal: isFinal,
            reserved1: reserved1,
            opcode: opcode,
            payloadLength: declared ?? bytes.count
        )
        return FramePart(header: header, payload: ByteBuffer(bytes: bytes), isFirst: isFirst, isLast: isLast)
    }

    @Test("RFC 7692 §6: RSV1 of the first frame marks the whole message as compressed, and only that one")
    func compressed() throws {
        var assembler = MessageAssembler(inflater: MessageInflater(DeflateParameters(), role: .server, limit: 100))
        // Neither part is UTF-8, but the text of a compressed message is checked after it was decompressed.
        #expect(try assembler.add(part(.text, [0xF2, 0x48, 0xCD], isFinal: false, reserved1: true)) == nil)
        #expect(try assembler.add(part(.continuation, [0xC9, 0xC9, 0x07, 0x00])) == .text("Hello"))
        #expect(assembler.capacity == 0)
        #expect(try assembler.add(part(.text, [0x61])) == .text("a"))
        var without = MessageAssembler()
        #expect(throws: ProtocolError.self) { try without.add(part(.text, [0x00], reserved1: true)) }
    }

    @Test("RFC 6455 §10.4: memory follows what arrived, not what was declared")
    func memory() throws {
        var assembler = MessageAssembler()
        let declared = 1 << 30
        _ = try assembler.add(part(.binary, [1], declared: declared, isLast: false))
        #expect(assembler.capacity <= 4)
        var arrived = 1
        while arrived < 100_000 {
            let piece = [UInt8](repeating: 0, count: 777)
            _ = try assembler.add(part(.binary, piece, declared: declared, isFirst: false, isLast: false))
            arrived += 777
            #expect(assembler.byteCount == arrived)
            #expect(assembler.capacity <= 4 * arrived)
        }
    }

    @Test("A finished message leaves nothing behind")
    func released() throws {
        var assembler = MessageAssembler()
        _ = try assembler.add(part(.binary, [1, 2], isFinal: false))
        #expect(assembler.capacity > 0)
        #expect(try assembler.add(part(.continuation, [3])) == .binary([1, 2, 3]))
        #expect(assembler.byteCount == 0)
        #expect(assembler.capacity == 0)
    }
}
