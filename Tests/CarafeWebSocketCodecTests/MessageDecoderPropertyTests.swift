import NIOCore
import TestSupport
import Testing

@testable import CarafeWebSocketCodec

/// Rules that hold for whatever is sent, tried with seeded random numbers.
@Suite(.timeLimit(.minutes(10))) struct MessageDecoderPropertyTests {
    typealias Event = MessageDecoder.Event

    @Test("RFC 6455 §5.4: fragments and reads do not change the messages", arguments: [Role.server, .client])
    func roundTrip(receiver: Role) {
        var generator = SeededGenerator(seed: 6455)
        let sender: Role = receiver == .server ? .client : .server
        for _ in 0..<200 {
            var expected: [Event] = []
            var frames: [Frame] = []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                frames += conversation(lengths: [0, 1, 20, 125, 126, 700, 3000], &generator, &expected)
            }
            let wire = [UInt8](FrameEncoder.encode(frames, role: sender))
            var decoder = MessageDecoder(role: receiver)
            let events = decoder.events(reads(of: wire, &generator))
            #expect(events == expected)
            #expect(decoder.heldByteCount == 0)
        }
    }

    @Test("Hostile bytes never trap, and nothing comes after the last event", arguments: [Role.server, .client])
    func hostile(receiver: Role) {
        var generator = SeededGenerator(seed: 1006)
        let sender: Role = receiver == .server ? .client : .server
        var failures = 0
        var lateEvents = 0
        for round in 0..<10_000 {
            var expected: [Event] = []
            var wire =
                round.isMultiple(of: 4)
                ? generator.bytes(count: Int.random(in: 0...60, using: &generator))
                : [UInt8](
                    FrameEncoder.encode(
                        conversation(lengths: [0, 1, 20, 126, 150], &generator, &expected),
                        role: sender
                    )
                )
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !wire.isEmpty {
                // Most faults of a protocol are in its headers.
                let place = Int.random(in: 0..<min(wire.count, 16), using: &generator)
                wire[place] = UInt8.random(in: .min ... .max, using: &generator)
            }
            var decoder = MessageDecoder(role: receiver, limits: MessageLimits(messageLimit: 5000, fragmentLimit: 20))
            let events = decoder.events(reads(of: wire, &generator))
            failures += events.count { $0.isFailure }
            lateEvents += events.dropLast().count { $0.isFailure }
            if events.last?.isFailure ?? false { lateEvents += decoder.events(wire).count }
            #expect(decoder.heldByteCount <= 5000 + 125)
        }
        #expect(failures > 1000)
        #expect(lateEvents == 0)
    }

    private static let words = ["größer als ", "plain old ASCII ", "🙂", "水壺はとても小さい", "é"]

    /// One message in random fragments with pings between them, and the events it shall give.
    private func conversation(
        lengths: [Int],
        _ generator: inout SeededGenerator,
        _ expected: inout [Event]
    ) -> [Frame] {
        let length = lengths.randomElement(using: &generator) ?? 0
        let message: Message =
            Bool.random(using: &generator)
            ? .binary(generator.bytes(count: length))
            : .text((0..<length / 16).map { _ in Self.words.randomElement(using: &generator) ?? "" }.joined())
        let largest = [1 << 20, 50, 500].randomElement(using: &generator) ?? 1
        var frames: [Frame] = []
        for frame in Frame.fragments(of: message, length: largest) {
            if Int.random(in: 0..<8, using: &generator) == 0 {
                let payload = ByteBuffer(bytes: generator.bytes(count: Int.random(in: 0...125, using: &generator)))
                frames.append(Frame(opcode: .ping, payload: payload))
                expected.append(.ping(payload))
            }
            frames.append(frame)
        }
        expected.append(.message(message))
        return frames
    }

    private func reads(of wire: [UInt8], _ generator: inout SeededGenerator) -> [[UInt8]] {
        let largest = [1, 3, 40, 1000, 100_000].randomElement(using: &generator) ?? 1
        var rest = wire[...]
        var reads: [[UInt8]] = []
        while !rest.isEmpty {
            let count = Int.random(in: 1...largest, using: &generator)
            reads.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return reads
    }
}

extension MessageDecoder.Event {
    fileprivate var isFailure: Bool {
        if case .failure = self { true } else { false }
    }
}
