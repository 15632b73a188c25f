import NIOCore
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct MessageDecoderTests {
    typealias Event = MessageDecoder.Event

    private func server(_ reads: [UInt8]..., limits: MessageLimits = MessageLimits()) -> [Event] {
        var decoder = MessageDecoder(role: .server, limits: limits)
        return decoder.events(reads)
    }

    private func client(_ reads: [UInt8]...) -> [Event] {
        var decoder = MessageDecoder(role: .client)
        return decoder.events(reads)
    }

    private func code(_ event: Event?) -> CloseCode? {
        if case .failure(let code, _) = event { code } else { nil }
    }

    @Test("RFC 6455 §5.7: a single-frame text message, unmasked and masked")
    func text() {
        #expect(client([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]) == [.message(.text("Hello"))])
        #expect(
            server([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]) == [.message(.text("Hello"))]
        )
    }

    @Test("RFC 6455 §5.7: a fragmented unmasked text message")
    func fragmented() {
        #expect(client([0x01, 0x03, 0x48, 0x65, 0x6C], [0x80, 0x02, 0x6C, 0x6F]) == [.message(.text("Hello"))])
    }

    @Test("RFC 6455 §5.7: an unmasked ping and a masked pong")
    func pingAndPong() {
        let hello = ByteBuffer(string: "Hello")
        #expect(client([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]) == [.ping(hello)])
        #expect(server([0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]) == [.pong(hello)])
    }

    @Test("RFC 6455 §5.7: 256 bytes and 64 KiB of binary in one frame")
    func longer() {
        let short = [UInt8](repeating: 1, count: 256)
        #expect(client([0x82, 0x7E, 0x01, 0x00] + short) == [.message(.binary(short))])
        let long = [UInt8](repeating: 2, count: 65_536)
        #expect(client([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + long) == [.message(.binary(long))])
    }

    @Test("RFC 6455 §5.4: control frames between fragments come first, and in their own pieces")
    func interleaved() {
        let wire = masked(0x01, Array("Hel".utf8)) + masked(0x89, [1, 2]) + masked(0x80, Array("lo".utf8))
        let expected: [Event] = [.ping(ByteBuffer(bytes: [1, 2])), .message(.text("Hello"))]
        #expect(server(wire) == expected)
        var decoder = MessageDecoder(role: .server)
        let events = decoder.events(wire.singly)
        #expect(events == expected)
    }

    @Test("RFC 6455 §5.6: empty messages are messages")
    func empty() {
        #expect(server(masked(0x81, []) + masked(0x82, [])) == [.message(.text("")), .message(.binary([]))])
        #expect(server(masked(0x01, []) + masked(0x00, []) + masked(0x80, [])) == [.message(.text(""))])
    }

    @Test("A message keeps its kind, whatever the fragments after it look like")
    func kinds() {
        let wire = masked(0x02, [0xFF]) + masked(0x80, [0xFE]) + masked(0x81, [0x61])
        #expect(server(wire) == [.message(.binary([0xFF, 0xFE])), .message(.text("a"))])
    }

    @Test("RFC 6455 §5.1: the wrong masking fails")
    func masking() {
        #expect(server([0x81, 0x00]).map(code) == [.protocolError])
        #expect(client(masked(0x81, [])).map(code) == [.protocolError])
    }

    @Test("What came whole before a fault is delivered before the failure, and nothing after it")
    func order() {
        let wire = masked(0x81, [0x61]) + masked(0x89, []) + masked(0x83, []) + masked(0x81, [0x62])
        var decoder = MessageDecoder(role: .server)
        let events = decoder.events([wire, masked(0x81, [0x63])])
        #expect(events.prefix(2) == [.message(.text("a")), .ping(ByteBuffer())])
        #expect(events.dropFirst(2).map(code) == [.protocolError])
        #expect(decoder.heldByteCount == 0)
    }

    @Test("RFC 6455 §5.5.1: after a close frame nothing is taken any more")
    func close() {
        var decoder = MessageDecoder(role: .server)
        let wire = masked(0x88, [0x03, 0xE8, 0x6F, 0x6B]) + masked(0x81, [0x61])
        let events = decoder.events([wire, [0xFF]])
        #expect(events == [.close(code: .normalClosure, reason: "ok")])
        #expect(decoder.heldByteCount == 0)
        #expect(server(masked(0x88, [])) == [.close(code: nil, reason: "")])
    }

    @Test("RFC 6455 §5.5.1, §7.4, §8.1: a wrong close payload fails")
    func wrongClose() {
        #expect(server(masked(0x88, [0x03])).map(code) == [.protocolError])
        #expect(server(masked(0x88, [0x03, 0xED])).map(code) == [.protocolError])
        #expect(server(masked(0x88, [0x03, 0xE8, 0xFF])).map(code) == [.invalidPayload])
    }

    @Test("RFC 6455 §8.1: text that is not UTF-8 fails at once, in the middle of a frame")
    func invalidText() {
        let frame = masked(0x81, Array("fine so far".utf8) + [0xFF] + Array("and more".utf8))
        #expect(server(Array(frame.prefix(6 + 11))).isEmpty)
        #expect(server(Array(frame.prefix(6 + 12))).map(code) == [.invalidPayload])
    }

    @Test("RFC 6455 §8.1: a character may be cut by fragments and reads, but not by the end")
    func cutCharacter() {
        let bytes = Array("🙂".utf8)
        let wire = masked(0x01, Array(bytes[..<1])) + masked(0x00, Array(bytes[1..<3])) + masked(0x80, [bytes[3]])
        var decoder = MessageDecoder(role: .server)
        let events = decoder.events(wire.singly)
        #expect(events == [.message(.text("🙂"))])
        #expect(server(masked(0x81, Array(bytes[..<3]))).map(code) == [.invalidPayload])
        #expect(server(masked(0x01, bytes) + masked(0x80, [0xC3])).map(code) == [.invalidPayload])
        #expect(server(masked(0x01, [0xC3]) + masked(0x80, [])).map(code) == [.invalidPayload])
        #expect(server(masked(0x01, [0xC3]) + masked(0x80, [0x61])).map(code) == [.invalidPayload])
    }

    @Test("RFC 6455 §5.6: binary may be anything")
    func binary() {
        #expect(server(masked(0x82, [0xFF, 0xC0])) == [.message(.binary([0xFF, 0xC0]))])
    }

    @Test("RFC 6455 §10.4: a message too long is refused from its header, before its bytes arrive")
    func tooLong() {
        let limits = MessageLimits(messageLimit: 1000)
        let header = FrameHeader(opcode: .binary, maskingKey: MaskingKey(1, 2, 3, 4), payloadLength: 1001)
        #expect(server(header.bytes, limits: limits).map(code) == [.messageTooBig])
        let most = [UInt8](repeating: 9, count: 1000)
        #expect(server(masked(0x82, most), limits: limits) == [.message(.binary(most))])
        let events = server(masked(0x02, most) + masked(0x80, [1]), limits: limits)
        #expect(events.map(code) == [.messageTooBig])
    }

    @Test("RFC 6455 §10.4: a length that was only declared costs no memory")
    func declared() {
        var decoder = MessageDecoder(role: .server)
        let header = FrameHeader(opcode: .binary, maskingKey: MaskingKey(1, 2, 3, 4), payloadLength: 1 << 20)
        let early = decoder.events(header.bytes)
        #expect(early.isEmpty)
        #expect(decoder.assemblyCapacity == 0)
        let late = decoder.events([UInt8](repeating: 0, count: 100))
        #expect(late.isEmpty)
        #expect(decoder.assemblyCapacity <= 256)
    }

    @Test("RFC 6455 §7.4.1: a message of too many fragments is refused")
    func fragments() {
        let wire = masked(0x01, []) + masked(0x00, []) + masked(0x00, [])
        #expect(server(wire, limits: MessageLimits(fragmentLimit: 2)).map(code) == [.policyViolation])
    }

    @Test("An idle decoder holds no buffer, inside a header neither")
    func idle() {
        var decoder = MessageDecoder(role: .server)
        let wire = masked(0x81, Array("Hello".utf8)) + [0x81, 0x85, 0x01]
        let events = decoder.events(wire)
        #expect(events == [.message(.text("Hello"))])
        #expect(decoder.heldByteCount == 0)
        #expect(decoder.assemblyCapacity == 0)
    }

    @Test("A message whole in one read is a slice of it")
    func slice() throws {
        var decoder = MessageDecoder(role: .server)
        var read = ByteBuffer(bytes: masked(0x81, Array("Hello".utf8)))
        let address = try #require(read.address)
        decoder.receive(&read)
        guard case .message(let message) = decoder.next() else {
            Issue.record("expected a message")
            return
        }
        #expect(message.bytes.address == address + 6)
    }
}
