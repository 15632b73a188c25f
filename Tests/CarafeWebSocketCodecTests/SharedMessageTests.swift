import NIOCore
import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct SharedMessageTests {
    private let options = DeflateOptions(threshold: 0)
    private let message = Message.text(String(repeating: "news for everyone; ", count: 300))

    private func receives(_ parameters: DeflateParameters?, _ frames: [Frame]) -> [MessageDecoder.Event] {
        var decoder = MessageDecoder(role: .client, deflate: parameters)
        return decoder.events([UInt8](FrameEncoder.encode(frames, role: .server)))
    }

    @Test("RFC 7692 §7.1.1: one compressed frame is for all members, with or without context takeover")
    func shared() {
        var pool = DeflaterPool(options: options)
        let own = Message.text(String(repeating: "news for you alone; ", count: 20))
        let shared = pool.share(message)
        #expect(shared.compressed?.reserved1 == true)
        #expect(shared.plain == .message(message))
        for isFresh in [false, true] {
            let parameters = DeflateParameters(serverNoContextTakeover: isFresh)
            var encoder = MessageEncoder(role: .server, deflate: parameters)
            let frames = [
                encoder.frame(for: own, pool: &pool), encoder.frame(for: shared), encoder.frame(for: own, pool: &pool),
                encoder.frame(for: own, pool: &pool), encoder.frame(for: shared),
            ]
            #expect(frames.map(\.reserved1) == [true, true, true, true, true])
            #expect(frames[1] == shared.compressed)
            #expect(receives(parameters, frames) == [own, message, own, own, message].map { .message($0) })
        }
    }

    @Test("A member without compression, or with a window too small, gets the plain frame")
    func others() {
        var pool = DeflaterPool(options: options)
        let shared = pool.share(message, windowBits: 12)
        #expect(shared.windowBits == 12)
        for (bits, isCompressed) in [(8, false), (11, false), (12, true), (13, true), (15, true)] {
            let parameters = DeflateParameters(serverMaxWindowBits: bits)
            #expect(shared.isCompressed(for: parameters) == isCompressed)
            var encoder = MessageEncoder(role: .server, deflate: parameters)
            let frame = encoder.frame(for: shared)
            #expect(frame.reserved1 == isCompressed)
            #expect(receives(parameters, [frame, frame]) == [.message(message), .message(message)])
        }
        #expect(!shared.isCompressed(for: nil))
        var encoder = MessageEncoder(role: .server)
        #expect(encoder.frame(for: shared) == .message(message))
    }

    @Test(
        "A short message fits small windows however it was compressed",
        arguments: [(1, 8), (256, 8), (257, 9), (512, 9), (513, 10), (32_768, 15), (100_000, 15)]
    )
    func short(length: Int, bits: Int) {
        var pool = DeflaterPool(options: options)
        let message = Message.binary([UInt8](repeating: 1, count: length))
        #expect(pool.share(message).windowBits == bits)
    }

    @Test("A short message at the edge of its window is read with that window", arguments: [256, 512, 1024])
    func edge(length: Int) {
        var generator = SeededGenerator(seed: UInt64(length))
        let head = generator.bytes(count: 40)
        let message = Message.binary(head + [UInt8](repeating: 0, count: length - 80) + head)
        var pool = DeflaterPool(options: options)
        let shared = pool.share(message)
        let parameters = DeflateParameters(serverMaxWindowBits: shared.windowBits)
        var encoder = MessageEncoder(role: .server, deflate: parameters)
        let frame = encoder.frame(for: shared)
        #expect(frame.reserved1)
        #expect(receives(parameters, [frame]) == [.message(message)])
    }

    @Test("A message below the threshold, or that does not get smaller, has no compressed frame")
    func plain() {
        var generator = SeededGenerator(seed: 2)
        var pool = DeflaterPool(options: DeflateOptions(threshold: 100))
        #expect(pool.share(.text(String(repeating: "a", count: 99))).compressed == nil)
        let noise = pool.share(.binary(generator.bytes(count: 500)))
        #expect(noise.compressed == nil)
        #expect(!noise.isCompressed(for: DeflateParameters()))
    }
}
