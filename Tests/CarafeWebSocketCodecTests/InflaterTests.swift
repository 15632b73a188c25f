import NIOCore
import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct InflaterTests {
    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    private func inflate(_ payloads: [UInt8]..., limit: Int = 1000) throws -> [String] {
        var inflater = Inflater()
        return try payloads.map { String(buffer: try inflater.inflate(ByteBuffer(bytes: $0), limit: limit)) }
    }

    private func code(_ payloads: [UInt8]..., limit: Int = 1000) -> CloseCode? {
        var inflater = Inflater()
        do {
            for payload in payloads { _ = try inflater.inflate(ByteBuffer(bytes: payload), limit: limit) }
            return nil
        } catch {
            return error.code
        }
    }

    @Test(
        "RFC 7692 §7.2.3: each example is Hello",
        arguments: [
            hello,
            [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
            [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
        ] as [[UInt8]]
    )
    func examples(payload: [UInt8]) throws {
        #expect(try inflate(payload) == ["Hello"])
        #expect(try inflate(payload, payload, limit: 5) == ["Hello", "Hello"])
    }

    @Test("RFC 7692 §7.2.3.2: with context, and without it")
    func context() throws {
        let reference: [UInt8] = [0xF2, 0x00, 0x11, 0x00, 0x00]
        #expect(try inflate(Self.hello, reference) == ["Hello", "Hello"])
        #expect(code(reference) == .invalidPayload)
        var inflater = Inflater()
        _ = try inflater.inflate(ByteBuffer(bytes: Self.hello), limit: 5)
        inflater.reset()
        #expect(throws: ProtocolError.self) { try inflater.inflate(ByteBuffer(bytes: reference), limit: 5) }
    }

    @Test("RFC 7692 §7.2.3.4: after a final block the message and its window go on")
    func finalBlock() throws {
        let final: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        #expect(try inflate(final + final + [0x00]) == ["HelloHello"])
        #expect(try inflate(final + Self.hello) == ["HelloHello"])
        #expect(try inflate(final + [0x00], [0xF2, 0x00, 0x11, 0x00, 0x00]) == ["Hello", "Hello"])
        // A final empty block without compression ends as the flush does.
        #expect(try inflate([0x01]) == [""])
        #expect(try inflate([0x01], Self.hello) == ["", "Hello"])
    }

    @Test("RFC 7692 §7.2.3.6: an empty message")
    func empty() throws {
        #expect(try inflate([0x00], [0x00], Self.hello, [0x00]) == ["", "", "Hello", ""])
        #expect(try inflate([0x00], limit: 0) == [""])
        #expect(try inflate([0x02, 0x00]) == [""])
    }

    @Test(
        "RFC 7692 §7.2.2: data that is not deflate data, or is cut off, or has garbage after a final block, fails with 1007",
        arguments: [
            [0xFF], [0x06], [0x07, 0x00], [0x00, 0x05, 0x00, 0xFA, 0xFE], [0xF2, 0x48, 0x00, 0xFF, 0xFF, 0xFF, 0xFF],
            [], [0xF2], [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07], [0xF2, 0x48, 0xCD],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0xFF],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00],
            // The 00 00 FF FF that is added would be the content of this block.
            [0x00, 0x04, 0x00, 0xFB, 0xFF],
        ] as [[UInt8]]
    )
    func corrupt(payload: [UInt8]) {
        #expect(code(payload) == .invalidPayload)
    }

    @Test("RFC 7692 §7.1.2: a distance beyond the agreed window fails with 1007")
    func window() throws {
        var generator = SeededGenerator(seed: 8)
        let far = ByteBuffer(bytes: generator.bytes(count: 200))
        let between = ByteBuffer(bytes: generator.bytes(count: 400))
        var deflater = Deflater(options: DeflateOptions(compressionLevel: 9))
        let payloads = [far, between, far].map { deflater.deflate($0) }
        var small = Inflater(windowBits: 9)
        var large = Inflater(windowBits: 10)
        for payload in payloads.dropLast() { _ = try small.inflate(payload, limit: 400) }
        #expect(throws: ProtocolError.self) { try small.inflate(payloads[2], limit: 400) }
        #expect(try payloads.map { try large.inflate($0, limit: 400) } == [far, between, far])
    }

    @Test("RFC 6455 §10.4: a message at the limit passes, one byte more fails with 1009")
    func limit() throws {
        #expect(try inflate(Self.hello, limit: 5) == ["Hello"])
        #expect(code(Self.hello, limit: 4) == .messageTooBig)
        #expect(code(Self.hello, limit: 0) == .messageTooBig)
        for length in [65_535, 65_536, 65_537, 200_000] {
            var deflater = Deflater()
            let payload = [UInt8](deflater.deflate(ByteBuffer(repeating: 0, count: length)))
            #expect(code(payload, limit: length) == nil)
            #expect(code(payload, limit: length - 1) == .messageTooBig)
        }
    }

    @Test("RFC 6455 §10.4: a GiB of zeros never becomes more than the limit, and holds no more than it")
    func bomb() throws {
        var deflater = Deflater(options: DeflateOptions(compressionLevel: 9))
        let mebibyte = deflater.deflate(ByteBuffer(repeating: 0, count: 1 << 20), isLast: false)
        #expect(mebibyte.readableBytes < 2048)
        let limit = 16 << 20
        var inflater = Inflater()
        var output = ByteBuffer()
        var steps = 0
        var most = 0
        let failure = #expect(throws: ProtocolError.self) {
            for _ in 0..<1024 {
                var rest = mebibyte
                var isMoreToCome = true
                while isMoreToCome {
                    let before = output.readableBytes
                    isMoreToCome = try inflater.inflate(&rest, into: &output, limit: limit)
                    most = max(most, output.readableBytes - before)
                    steps += 1
                }
            }
        }
        #expect(failure?.code == .messageTooBig)
        #expect(output.readableBytes <= limit)
        #expect(output.storageCapacity <= limit)
        #expect(most <= Inflater.stepLength)
        #expect(steps >= limit / Inflater.stepLength)
    }

    @Test("A copy goes its own way, in the middle of a block too")
    func copies() throws {
        var first = Inflater()
        var head = ByteBuffer(bytes: Self.hello.prefix(3))
        var output = ByteBuffer()
        while try first.inflate(&head, into: &output, limit: 5) {}
        var second = first
        #expect(throws: ProtocolError.self) { try second.finish() }
        var rest = ByteBuffer(bytes: Self.hello.dropFirst(3))
        while try first.inflate(&rest, into: &output, limit: 5) {}
        try first.finish()
        #expect(String(buffer: output) == "Hello")
        var third = first
        first.reset()
        #expect(
            String(buffer: try third.inflate(ByteBuffer(bytes: [0xF2, 0x00, 0x11, 0x00, 0x00]), limit: 5)) == "Hello"
        )
    }
}
