import NIOCore
import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct DeflaterTests {
    private let hello = ByteBuffer(string: "Hello")
    private let usual = DeflateOptions(compressionLevel: 6, memoryLevel: 8)

    @Test("RFC 7692 §7.2.3.1: a message compressed using one block")
    func oneBlock() {
        var deflater = Deflater(options: usual)
        #expect([UInt8](deflater.deflate(hello)) == [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
    }

    @Test("RFC 7692 §7.2.3.2: the second message refers to the first, unless the context was forgotten")
    func context() {
        var deflater = Deflater(options: usual)
        _ = deflater.deflate(hello)
        #expect([UInt8](deflater.deflate(hello)) == [0xF2, 0x00, 0x11, 0x00, 0x00])
        deflater.reset()
        #expect([UInt8](deflater.deflate(hello)) == [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
    }

    @Test("RFC 7692 §7.2.3.3: a block with no compression")
    func stored() {
        var deflater = Deflater(options: DeflateOptions(compressionLevel: 0))
        #expect(
            [UInt8](deflater.deflate(hello))
                == [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]
        )
    }

    @Test("RFC 7692 §7.2.3.5: fragments, each flushed")
    func fragments() {
        var deflater = Deflater(options: usual)
        #expect(
            [UInt8](deflater.deflate(ByteBuffer(string: "He"), isLast: false)) == [
                0xF2, 0x48, 0x05, 0, 0, 0, 0xFF, 0xFF,
            ])
        #expect([UInt8](deflater.deflate(ByteBuffer(string: "llo"))) == [0xCA, 0xC9, 0xC9, 0x07, 0x00])
    }

    @Test("RFC 7692 §7.2.3.6: an empty message, the first and any other")
    func empty() throws {
        var deflater = Deflater()
        var inflater = Inflater()
        for message in ["", "", "Hello", "", "Hello", ""] {
            let payload = deflater.deflate(ByteBuffer(string: message))
            if message.isEmpty { #expect([UInt8](payload) == [0x00]) }
            #expect(try inflater.inflate(payload, limit: 10) == ByteBuffer(string: message))
        }
        #expect(deflater.deflate(ByteBuffer(), isLast: false).readableBytes == 0)
        #expect([UInt8](deflater.deflate(ByteBuffer())) == [0x00])
    }

    @Test("What would pass the limit is nil, and the context is forgotten with it")
    func limit() throws {
        var generator = SeededGenerator(seed: 1951)
        var deflater = Deflater(options: usual)
        _ = deflater.deflate(hello)
        let noise = ByteBuffer(bytes: generator.bytes(count: 100_000))
        #expect(deflater.deflate(noise, limit: 99_999) == nil)
        #expect([UInt8](deflater.deflate(hello)) == [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        deflater.reset()
        #expect(deflater.deflate(hello, limit: 6) == nil)
        #expect(deflater.deflate(hello, limit: 7)?.readableBytes == 7)
    }

    @Test("A copy goes its own way")
    func copies() {
        var first = Deflater(options: usual)
        _ = first.deflate(hello)
        var second = first
        first.reset()
        var third = second
        _ = third.deflate(ByteBuffer(string: "something else"))
        #expect([UInt8](second.deflate(hello)) == [0xF2, 0x00, 0x11, 0x00, 0x00])
        #expect([UInt8](first.deflate(hello)) == [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
    }

    @Test("RFC 7692 §7.1.2: no distance is longer than the window, of 256 bytes neither", arguments: 8...15)
    func window(bits: Int) throws {
        var generator = SeededGenerator(seed: UInt64(bits))
        // Repetitions at all distances around the window, so that one too far would be found.
        let words = (0..<40).map { _ in generator.bytes(count: 60) }
        let bytes = (0..<1000).flatMap { _ in words.randomElement(using: &generator) ?? [] }
        for level in [1, 3, 6, 9] {
            for memory in [1, 5, 9] {
                var deflater = Deflater(
                    windowBits: bits,
                    options: DeflateOptions(compressionLevel: level, memoryLevel: memory)
                )
                // Short messages, as a decompressor can look back further within the output of one call.
                var inflater = Inflater(windowBits: bits)
                for piece in stride(from: 0, to: bytes.count, by: 500).map({ bytes[$0..<min($0 + 500, bytes.count)] }) {
                    let message = ByteBuffer(bytes: piece)
                    #expect(try inflater.inflate(deflater.deflate(message), limit: 500) == message)
                }
            }
        }
    }
}
