import NIOCore
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct FrameHeaderTests {
    private func parse(_ bytes: [UInt8]) throws -> (header: FrameHeader, length: Int)? {
        try FrameHeader.parse(bytes.span.bytes)
    }

    private func failure(_ bytes: [UInt8]) -> CloseCode? {
        do {
            _ = try FrameHeader.parse(bytes.span.bytes)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(
        "RFC 6455 §5.2: the three forms of the length, at their bounds",
        arguments: [(0, 2), (125, 2), (126, 4), (0xFFFF, 4), (0x10000, 10), (Int.max, 10)]
    )
    func lengths(payloadLength: Int, headerLength: Int) throws {
        for key in [nil, MaskingKey(1, 2, 3, 4)] {
            let header = FrameHeader(opcode: .binary, maskingKey: key, payloadLength: payloadLength)
            let expected = headerLength + (key == nil ? 0 : 4)
            #expect(header.encodedLength == expected)
            #expect(header.bytes.count == expected)
            let parsed = try #require(try parse(header.bytes + [0xAA]))
            #expect(parsed.header == header)
            #expect(parsed.length == expected)
            for cut in 0..<expected {
                #expect(try parse(Array(header.bytes.prefix(cut))) == nil)
            }
        }
    }

    @Test("RFC 6455 §5.2: FIN, RSV1 and opcode are bits of the first byte")
    func firstByte() throws {
        let header = FrameHeader(isFinal: false, reserved1: true, opcode: .text, payloadLength: 0)
        #expect(header.bytes == [0x41, 0x00])
        #expect(try parse([0x41, 0x00])?.header == header)
        #expect(try parse([0x8A, 0x00])?.header == FrameHeader(opcode: .pong, payloadLength: 0))
    }

    @Test("RFC 6455 §5.2: the key's bytes keep their order")
    func key() throws {
        let bytes: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D]
        let header = FrameHeader(opcode: .text, maskingKey: MaskingKey(0x37, 0xFA, 0x21, 0x3D), payloadLength: 5)
        #expect(try parse(bytes)?.header == header)
        #expect(header.bytes == bytes)
    }

    @Test("RFC 6455 §5.2: RSV2 and RSV3 must be 0", arguments: [0xA1, 0x91, 0xB1])
    func reservedBits(first: UInt8) {
        #expect(failure([first, 0]) == .protocolError)
    }

    @Test("RFC 6455 §5.2: a reserved opcode fails", arguments: [3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF])
    func reservedOpcode(opcode: UInt8) {
        #expect(failure([0x80 | opcode, 0]) == .protocolError)
    }

    @Test(
        "RFC 6455 §5.2: the length must have its shortest form",
        arguments: [
            [0x82, 126, 0, 0], [0x82, 126, 0, 125], [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1],
            [0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF],
        ] as [[UInt8]]
    )
    func notMinimal(bytes: [UInt8]) {
        #expect(failure(bytes) == .protocolError)
    }

    @Test("RFC 6455 §5.2: the top bit of a 64-bit length must be 0")
    func topBit() {
        #expect(failure([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]) == .protocolError)
        #expect(failure([0x82, 127] + [UInt8](repeating: 0xFF, count: 8)) == .protocolError)
    }
}

@Suite(.timeLimit(.minutes(10))) struct OpcodeTests {
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
