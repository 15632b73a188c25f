import NIOCore
import TestSupport
import Testing

@testable import CarafeWebSocketCodec

/// Rules of permessage-deflate that hold for whatever is sent, tried with seeded random numbers.
@Suite(.timeLimit(.minutes(10))) struct DeflatePropertyTests {
    typealias Event = MessageDecoder.Event

    @Test(
        "RFC 7692 §6, §7: parameters, fragments and reads do not change the messages",
        arguments: [Role.server, .client]
    )
    func roundTrip(receiver: Role) throws {
        var generator = SeededGenerator(seed: 7692)
        let sender: Role = receiver == .server ? .client : .server
        var compressed = 0
        for _ in 0..<100 {
            let options = DeflateOptions.random(&generator)
            let parameters = try agree(on: options, .random(&generator))
            var expected: [Event] = []
            let frames = conversation(sender, parameters, options, &generator, &expected)
            compressed += frames.count(where: \.reserved1)
            var decoder = MessageDecoder(role: receiver, deflate: parameters)
            let wire = [UInt8](FrameEncoder.encode(frames, role: sender))
            let events = decoder.events(wire.reads(&generator))
            #expect(events == expected)
            #expect(decoder.heldByteCount == 0)
        }
        #expect(compressed > 50)
    }

    @Test("Corrupted compressed data never traps, and the limit holds", arguments: [Role.server, .client])
    func hostile(receiver: Role) throws {
        var generator = SeededGenerator(seed: 1007)
        let sender: Role = receiver == .server ? .client : .server
        var codes: [CloseCode: Int] = [:]
        for _ in 0..<500 {
            let options = DeflateOptions.random(&generator)
            let parameters = try agree(on: options, .random(&generator))
            var expected: [Event] = []
            var frames = conversation(sender, parameters, options, &generator, &expected)
            for index in frames.indices where Int.random(in: 0..<3, using: &generator) == 0 {
                frames[index].payload = corrupted(frames[index].payload, &generator)
            }
            let limit = 1500
            var decoder = MessageDecoder(
                role: receiver,
                limits: MessageLimits(messageLimit: limit),
                deflate: parameters
            )
            for read in [UInt8](FrameEncoder.encode(frames, role: sender)).reads(&generator) {
                let events = decoder.events(read)
                if case .failure(let code, _) = events.last { codes[code, default: 0] += 1 }
                #expect(decoder.heldByteCount <= limit + 125)
            }
        }
        #expect(codes[.invalidPayload, default: 0] > 100)
        #expect(codes[.messageTooBig, default: 0] > 10)
        #expect(codes.values.reduce(0, +) <= 500)
    }

    @Test("Noise as compressed data never traps")
    func noise() {
        var generator = SeededGenerator(seed: 0xBAD)
        var failures = 0
        for _ in 0..<5000 {
            var inflater = Inflater(windowBits: Int.random(in: 8...15, using: &generator))
            let noise = generator.bytes(count: Int.random(in: 0...80, using: &generator))
            do {
                #expect(try inflater.inflate(ByteBuffer(bytes: noise), limit: 1000).readableBytes <= 1000)
            } catch {
                failures += 1
            }
        }
        #expect(failures > 4000)
    }

    private func agree(on client: DeflateOptions, _ server: DeflateOptions) throws -> DeflateParameters {
        let negotiation = try DeflateNegotiation(answering: DeflateOffer(options: client).fieldValue, options: server)
        return try #require(negotiation).parameters
    }

    /// Messages through a `MessageEncoder`, some of them shared, in random fragments with pings between them.
    private func conversation(
        _ sender: Role,
        _ parameters: DeflateParameters,
        _ options: DeflateOptions,
        _ generator: inout SeededGenerator,
        _ expected: inout [Event]
    ) -> [Frame] {
        var pool = DeflaterPool(options: options)
        var encoder = MessageEncoder(role: sender, deflate: parameters)
        var frames: [Frame] = []
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let message = message(&generator)
            let whole: Frame
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: whole = encoder.frame(for: pool.share(message, windowBits: .random(in: 8...15, using: &generator)))
            default: whole = encoder.frame(for: message, pool: &pool)
            }
            if Int.random(in: 0..<8, using: &generator) == 0 { encoder.releaseContext() }
            for fragment in whole.fragments(length: [1 << 20, 3, 40].randomElement(using: &generator) ?? 1) {
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    let payload = ByteBuffer(bytes: generator.bytes(count: 5))
                    frames.append(Frame(opcode: .ping, payload: payload))
                    expected.append(.ping(payload))
                }
                frames.append(fragment)
            }
            expected.append(.message(message))
        }
        return frames
    }

    private static let words = [
        "größer als ", "plain old ASCII ", "🙂", "{\"id\": 1, \"room\": \"lobby\"}", "é", "aaaa",
    ]

    private func message(_ generator: inout SeededGenerator) -> Message {
        let count = [0, 1, 5, 30, 300].randomElement(using: &generator) ?? 0
        return Int.random(in: 0..<4, using: &generator) == 0
            ? .binary(generator.bytes(count: count))
            : .text((0..<count).map { _ in Self.words.randomElement(using: &generator) ?? "" }.joined())
    }

    private func corrupted(_ payload: ByteBuffer, _ generator: inout SeededGenerator) -> ByteBuffer {
        var bytes = [UInt8](payload)
        guard !bytes.isEmpty else { return payload }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
        case 1: bytes += generator.bytes(count: Int.random(in: 1...5, using: &generator))
        default:
            bytes[Int.random(in: bytes.indices, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        }
        return ByteBuffer(bytes: bytes)
    }
}

extension Frame {
    /// Cuts the message into frames of at most so many bytes (RFC 7692 §6.1: RSV1 on the first alone).
    fileprivate func fragments(length: Int) -> [Frame] {
        var fragments = Frame.fragments(of: .binary(payload), length: length)
        fragments[0].opcode = opcode
        fragments[0].reserved1 = reserved1
        return fragments
    }
}

extension [UInt8] {
    /// The bytes in random pieces.
    fileprivate func reads(_ generator: inout SeededGenerator) -> [[UInt8]] {
        let most = [1, 20, 5000].randomElement(using: &generator) ?? 1
        var reads: [[UInt8]] = []
        var rest = self[...]
        while !rest.isEmpty {
            let count = Swift.min(rest.count, Int.random(in: 1...most, using: &generator))
            reads.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return reads
    }
}
