import NIOCore
import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct MessageEncoderTests {
    private let usual = DeflateOptions(threshold: 0, compressionLevel: 6, memoryLevel: 8)
    private let long = Message.text(String(repeating: "a long text; ", count: 100))

    @Test("RFC 7692 §6.1: without agreement nothing is compressed")
    func plain() {
        var pool = DeflaterPool(options: usual)
        var encoder = MessageEncoder(role: .server)
        #expect(encoder.frame(for: long, pool: &pool) == .message(long))
        #expect(pool.byteCount == 0)
    }

    @Test("RFC 7692 §7.2.3.2: with context takeover each message may refer to those before")
    func context() {
        var pool = DeflaterPool(options: usual)
        var encoder = MessageEncoder(role: .server, deflate: DeflateParameters())
        let message = Message.text("Hello, hello, hello, and once more: hello")
        let first = encoder.frame(for: message, pool: &pool)
        let second = encoder.frame(for: message, pool: &pool)
        #expect(first.reserved1 && first.isFinal && first.opcode == .text)
        #expect(second.reserved1 && second.payload.readableBytes < 10)
        #expect(encoder.hasContext)
        #expect(pool.byteCount == 0)
        encoder.releaseContext()
        #expect(!encoder.hasContext)
        #expect(encoder.frame(for: message, pool: &pool) == first)
    }

    @Test("RFC 7692 §7.1.1.1: without it each message stands alone, made by the pool")
    func noContext() {
        var pool = DeflaterPool(options: usual)
        var encoder = MessageEncoder(role: .server, deflate: DeflateParameters(serverNoContextTakeover: true))
        let first = encoder.frame(for: long, pool: &pool)
        #expect(first.reserved1)
        #expect(encoder.frame(for: long, pool: &pool) == first)
        #expect(!encoder.hasContext)
        #expect(pool.byteCount == usual.deflaterByteCount(windowBits: 15))
        pool.release()
        #expect(pool.byteCount == 0)
        #expect(encoder.frame(for: long, pool: &pool) == first)
    }

    @Test("The flag and the window of the client are those of a client")
    func client() {
        var pool = DeflaterPool(options: usual)
        let parameters = DeflateParameters(
            serverNoContextTakeover: true,
            serverMaxWindowBits: 9,
            clientMaxWindowBits: 11
        )
        var encoder = MessageEncoder(role: .client, deflate: parameters)
        #expect(encoder.frame(for: long, pool: &pool).reserved1)
        #expect(encoder.hasContext)
        #expect(pool.byteCount == 0)
    }

    @Test("Messages below the threshold are sent as they are", arguments: [false, true])
    func threshold(keepsContext: Bool) {
        var pool = DeflaterPool(options: DeflateOptions(threshold: 100))
        var encoder = MessageEncoder(role: .server, deflate: DeflateParameters(serverNoContextTakeover: !keepsContext))
        #expect(!encoder.frame(for: .text(String(repeating: "a", count: 99)), pool: &pool).reserved1)
        #expect(encoder.frame(for: .text(String(repeating: "a", count: 100)), pool: &pool).reserved1)
        #expect(!encoder.frame(for: .text(""), pool: &pool).reserved1)
    }

    @Test("What does not get smaller is sent as it is, and is no context", arguments: [false, true])
    func noise(keepsContext: Bool) {
        var generator = SeededGenerator(seed: 1)
        var pool = DeflaterPool(options: usual)
        let parameters = DeflateParameters(serverNoContextTakeover: !keepsContext)
        var encoder = MessageEncoder(role: .server, deflate: parameters)
        let noise = Message.binary(generator.bytes(count: 1000))
        let frames = [noise, noise, long, noise].map { encoder.frame(for: $0, pool: &pool) }
        #expect(frames.map(\.reserved1) == [false, false, true, false])
        var decoder = MessageDecoder(role: .client, deflate: parameters)
        let events = decoder.events([UInt8](FrameEncoder.encode(frames, role: .server)))
        #expect(events == [noise, noise, long, noise].map { .message($0) })
    }
}
