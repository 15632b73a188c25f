import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct HeaderReaderTests {
    private let header = FrameHeader(opcode: .binary, maskingKey: MaskingKey(1, 2, 3, 4), payloadLength: 70_000)

    @Test("RFC 6455 §5.2: a header cut anywhere is read, and nothing after it")
    func cuts() throws {
        let bytes = header.bytes + [0xAA, 0xBB]
        for cut in 0...14 {
            var reader = HeaderReader()
            let first = Array(bytes[..<cut])
            let second = Array(bytes[cut...])
            let early = try reader.read(first.span.bytes)
            #expect(early.consumed == cut)
            guard cut < 14 else {
                #expect(early.header == header)
                continue
            }
            #expect(early.header == nil)
            let late = try reader.read(second.span.bytes)
            #expect(late.header == header)
            #expect(late.consumed == 14 - cut)
        }
    }

    @Test("A reader starts again after each header")
    func again() throws {
        var reader = HeaderReader()
        var found: [FrameHeader] = []
        for byte in header.bytes + [0x89, 0x00] + header.bytes {
            if let header = try reader.read([byte].span.bytes).header { found.append(header) }
        }
        #expect(found == [header, FrameHeader(opcode: .ping, payloadLength: 0), header])
    }
}
