import NIOCore
import TestSupport
import Testing

@testable import CarafeWebSocketCodec

/// permessage-deflate as `MessageDecoder` receives it.
@Suite(.timeLimit(.minutes(10))) struct MessageInflaterTests {
    typealias Event = MessageDecoder.Event

    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    private let fresh = DeflateParameters(serverNoContextTakeover: true, clientNoContextTakeover: true)

    private func server(
        _ reads: [UInt8]...,
        limits: MessageLimits = MessageLimits(),
        deflate: DeflateParameters? = DeflateParameters()
    ) -> [Event] {
        var decoder = MessageDecoder(role: .server, limits: limits, deflate: deflate)
        return decoder.events(reads)
    }

    private func client(_ reads: [UInt8]...) -> [Event] {
        var decoder = MessageDecoder(role: .client, deflate: DeflateParameters())
        return decoder.events(reads)
    }

    private func code(_ event: Event?) -> CloseCode? {
        if case .failure(let code, _) = event { code } else { nil }
    }

    private func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var deflater = Deflater()
        return [UInt8](deflater.deflate(ByteBuffer(bytes: bytes)))
    }

    @Test("RFC 7692 §7.2.3.1: a compressed message, in one frame and in fragments")
    func oneBlock() {
        #expect(client([0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == [.message(.text("Hello"))])
        let fragments: [UInt8] = [0x41, 0x03, 0xF2, 0x48, 0xCD, 0x80, 0x04, 0xC9, 0xC9, 0x07, 0x00]
        #expect(client(fragments) == [.message(.text("Hello"))])
        var decoder = MessageDecoder(role: .client, deflate: DeflateParameters())
        let events = decoder.events((fragments + fragments).singly)
        #expect(events == [.message(.text("Hello")), .message(.text("Hello"))])
    }

    @Test("RFC 7692 §7.2.3.2, §7.1.1: the context is kept or dropped as agreed")
    func context() {
        let wire = masked(0xC1, Self.hello) + masked(0xC1, [0xF2, 0x00, 0x11, 0x00, 0x00])
        let hello = Event.message(.text("Hello"))
        #expect(server(wire) == [hello, hello])
        #expect(server(wire, deflate: DeflateParameters(serverNoContextTakeover: true)) == [hello, hello])
        let events = server(wire, deflate: DeflateParameters(clientNoContextTakeover: true))
        #expect(events.first == hello)
        #expect(events.dropFirst().map(code) == [.invalidPayload])
    }

    @Test("Text that is neither deflate data nor UTF-8 fails for what comes first, however it is read")
    func corruptText() {
        // A stored block that holds FF, and the beginning of a block of an unknown type.
        let bytes: [UInt8] = [0xC1, 0x07, 0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x07]
        var decoder = MessageDecoder(role: .client, deflate: DeflateParameters())
        let events = client(bytes)
        #expect(events == [.failure(code: .invalidPayload, reason: "expected UTF-8 in a text message")])
        #expect(decoder.events(bytes.singly) == events)
    }

    @Test("RFC 7692 §7.2.3.3: a block with no compression")
    func stored() {
        let wire: [UInt8] = [0xC1, 0x0B, 0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]
        #expect(client(wire) == [.message(.text("Hello"))])
    }

    @Test("RFC 7692 §7.2.3.4, §7.2.3.5: a final block, and two blocks")
    func blocks() {
        #expect(server(masked(0xC1, [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0, 0])) == [.message(.text("Hello"))])
        let two: [UInt8] = [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]
        #expect(server(masked(0xC1, two)) == [.message(.text("Hello"))])
    }

    @Test("RFC 7692 §7.2.3.6: empty messages and fragments")
    func empty() {
        #expect(
            server(masked(0xC1, [0x00]) + masked(0xC2, [0x00])) == [.message(.text("")), .message(.binary([]))]
        )
        let wire = masked(0x41, []) + masked(0x00, Self.hello + [0, 0, 0xFF, 0xFF]) + masked(0x80, [0x00])
        #expect(server(wire) == [.message(.text("Hello"))])
        #expect(server(masked(0xC1, [])).map(code) == [.invalidPayload])
    }

    @Test("RFC 7692 §6.2: compressed and other messages may follow each other, with control frames anywhere")
    func mixed() {
        let wire =
            masked(0x41, Array(Self.hello[..<2])) + masked(0x89, [1]) + masked(0x00, Array(Self.hello[2..<6]))
            + masked(0x8A, [2]) + masked(0x80, [0x00]) + masked(0x81, Array("plain".utf8))
            + masked(0x01, [0x61]) + masked(0x80, [0x62]) + masked(0xC2, [0xF2, 0x00, 0x11, 0x00, 0x00])
        let expected: [Event] = [
            .ping(ByteBuffer(bytes: [1])), .pong(ByteBuffer(bytes: [2])), .message(.text("Hello")),
            .message(.text("plain")), .message(.text("ab")), .message(.binary(Array("Hello".utf8))),
        ]
        #expect(server(wire) == expected)
        var decoder = MessageDecoder(role: .server, deflate: DeflateParameters())
        let events = decoder.events(wire.singly)
        #expect(events == expected)
        #expect(decoder.heldByteCount == 0)
    }

    @Test("RFC 7692 §6: RSV1 is for the first frame of a data message, and for who negotiated it")
    func reserved1() {
        #expect(server(masked(0xC1, Self.hello), deflate: nil).map(code) == [.protocolError])
        #expect(server(masked(0xC9, [])).map(code) == [.protocolError])
        #expect(server(masked(0xC8, [])).map(code) == [.protocolError])
        #expect(server(masked(0x41, [0xF2]) + masked(0xC0, [0x48])).map(code) == [.protocolError])
        #expect(server(masked(0x01, []) + masked(0xC0, Self.hello)).map(code) == [.protocolError])
        #expect(server(masked(0xA1, [])).map(code) == [.protocolError])
        #expect(server(masked(0x91, [])).map(code) == [.protocolError])
    }

    @Test("RFC 6455 §8.1: text is checked as it comes out of the decompressor, at once and across fragments")
    func text() {
        let stored: [UInt8] = [0x00, 0x04, 0x00, 0xFB, 0xFF]
        // The frame declares more than has come, and already fails.
        let wrong = stored + [0x61, 0xFF, 0x61, 0x61, 0x00]
        #expect(server(Array(masked(0xC1, wrong).prefix(6 + 7))).map(code) == [.invalidPayload])
        #expect(server(Array(masked(0xC1, wrong).prefix(6 + 6))).isEmpty)
        #expect(server(Array(masked(0xC2, wrong).prefix(6 + 7))).isEmpty)
        let emoji = stored + Array("🙂".utf8) + [0x00]
        #expect(server(masked(0x41, Array(emoji[..<7])) + masked(0x80, Array(emoji[7...]))) == [.message(.text("🙂"))])
        #expect(server(masked(0xC1, deflated([0x61, 0xF0, 0x9F, 0x99]))).map(code) == [.invalidPayload])
        #expect(server(masked(0xC2, deflated([0x61, 0xF0]))) == [.message(.binary([0x61, 0xF0]))])
        let cut = masked(0xC1, deflated([0xC3])) + masked(0xC1, deflated([0xA9]))
        #expect(server(cut, deflate: fresh).map(code) == [.invalidPayload])
    }

    @Test("RFC 7692 §7.2.2: corrupt data fails with 1007, after what came before it")
    func corrupt() {
        let events = server(masked(0xC1, Self.hello) + masked(0xC1, [0xFF, 0xFF]) + masked(0x81, []))
        #expect(events.first == .message(.text("Hello")))
        #expect(events.dropFirst().map(code) == [.invalidPayload])
    }

    @Test("RFC 6455 §10.4: the limit is for the decompressed message, whatever its fragments")
    func limit() {
        var generator = SeededGenerator(seed: 1009)
        let limits = MessageLimits(messageLimit: 4096)
        let most = generator.bytes(count: 4096)
        #expect(deflated(most).count > 4096)
        #expect(server(masked(0xC2, deflated(most)), limits: limits) == [.message(.binary(most))])
        let more = deflated([UInt8](repeating: 0, count: 4097))
        #expect(server(masked(0xC2, more), limits: limits).map(code) == [.messageTooBig])
        let halves = masked(0x42, Array(more[..<8])) + masked(0x80, Array(more[8...]))
        #expect(server(halves, limits: limits).map(code) == [.messageTooBig])
        let declared = FrameHeader(
            reserved1: true,
            opcode: .binary,
            maskingKey: MaskingKey(1, 2, 3, 4),
            payloadLength: 5000
        )
        #expect(server(declared.bytes, limits: limits).map(code) == [.messageTooBig])
        // Each message has the whole limit.
        let twice = masked(0xC2, deflated(most)) + masked(0xC2, deflated(most))
        #expect(server(twice, limits: limits, deflate: fresh).count == 2)
    }

    @Test("RFC 6455 §10.4: a GiB of zeros fails with 1009, and no more than the limit is held on the way")
    func bomb() {
        var deflater = Deflater(options: DeflateOptions(compressionLevel: 9))
        let piece = deflater.deflate(ByteBuffer(repeating: 0, count: 1 << 20), isLast: false)
        let wire = masked(0xC2, (0..<1024).flatMap { _ in piece.readableBytesView } + [0x00])
        #expect(wire.count < 1 << 21)
        let limit = 4 << 20
        // As long as the bomb is when packed, a limit of 4 MiB refuses nothing from the header.
        var decoder = MessageDecoder(role: .server, limits: MessageLimits(messageLimit: limit), deflate: fresh)
        var events: [Event] = []
        var most = 0
        for start in stride(from: 0, to: wire.count, by: 512) where events.isEmpty {
            events = decoder.events(Array(wire[start..<min(start + 512, wire.count)]))
            most = max(most, decoder.heldByteCount, decoder.assemblyCapacity)
        }
        #expect(events.map(code) == [.messageTooBig])
        #expect(most > limit / 2)
        #expect(most <= limit + Inflater.stepLength)
        #expect(decoder.assemblyCapacity == 0)
    }

    @Test("A connection holds a decompressor only while it needs one")
    func idle() throws {
        var output = ByteBuffer()
        var validator = UTF8Validator()
        let payload = ByteBuffer(bytes: Self.hello)
        for (parameters, isKept) in [(fresh, false), (DeflateParameters(), true)] {
            var inflater = MessageInflater(parameters, role: .server, limit: 100)
            #expect(!inflater.hasContext)
            try inflater.inflate(payload, isWhole: false, into: &output, kind: .text, validator: &validator)
            #expect(inflater.hasContext)
            let end = ByteBuffer(bytes: [0, 0, 0xFF, 0xFF, 0x00])
            try inflater.inflate(end, isWhole: true, into: &output, kind: .text, validator: &validator)
            #expect(inflater.hasContext == isKept)
        }
        #expect(String(buffer: output) == "HelloHello")
    }

    @Test("A decoder is a value: a copy made inside a message goes its own way")
    func copies() {
        var first = MessageDecoder(role: .server, deflate: DeflateParameters())
        let wire = masked(0xC1, Self.hello)
        #expect(first.events(Array(wire[..<9])).isEmpty)
        var second = first
        let hello = [Event.message(.text("Hello"))]
        let events = first.events(Array(wire[9...]))
        #expect(events == hello)
        let others = second.events(Array(wire[9...]) + masked(0xC1, [0xF2, 0x00, 0x11, 0x00, 0x00]))
        #expect(others == hello + hello)
    }

    @Test("The value of a decoder stays small")
    func size() {
        #expect(MemoryLayout<MessageInflater?>.size <= 24)
    }
}
