import Testing

@testable import CarafeWebSocketCodec

@Suite struct OpcodeTests {
    @Test("RFC 6455 §5.2: opcodes 3-7 and B-F are reserved")
    func reserved() {
        let known = (0...15).filter { Opcode(rawValue: $0) != nil }
        #expect(known == [0x0, 0x1, 0x2, 0x8, 0x9, 0xA])
    }

    @Test("RFC 6455 §5.5: close, ping and pong are control frames")
    func control() {
        let opcodes: [Opcode] = [.continuation, .text, .binary, .close, .ping, .pong]
        #expect(opcodes.filter(\.isControl) == [.close, .ping, .pong])
    }
}
