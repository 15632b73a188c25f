import NIOCore
import TestSupport

@testable import CarafeWebSocketCodec

/// Frames that one side may send: any messages, compressed or not, in any fragments, with control frames anywhere.
///
/// All of it comes from the seed, so a failure is repeated by its seed.
struct PropertyConversation {
    private(set) var frames: [Frame] = []
    private(set) var expected: [MessageDecoder.Event] = []
    private let sender: Role
    private let parameters: DeflateParameters?
    private var encoder: MessageEncoder
    private var pool: DeflaterPool
    private var generator: SeededGenerator

    init(seed: UInt64, sender: Role, deflate parameters: DeflateParameters?) {
        self.sender = sender
        self.parameters = parameters
        var generator = SeededGenerator(seed: seed)
        encoder = MessageEncoder(role: sender, deflate: parameters)
        pool = DeflaterPool(
            options: DeflateOptions(
                threshold: [0, 0, 100].randomElement(using: &generator) ?? 0,
                compressionLevel: .random(in: 0...9, using: &generator),
                memoryLevel: .random(in: 1...9, using: &generator)))
        self.generator = generator
        for _ in 0..<Int.random(in: 0...6, using: &self.generator) { addMessage() }
        if Int.random(in: 0..<4, using: &self.generator) == 0 { addClose() }
    }

    /// The frames as they go over the wire, in reads that are cut anywhere.
    mutating func reads() -> [[UInt8]] {
        var wire: [UInt8] = []
        for frame in frames {
            let key = sender == .client ? MaskingKey.random(using: &generator) : nil
            wire += FrameEncoder.encode(frame, maskedWith: key).readableBytesView
        }
        return cut(wire)
    }

    private mutating func addMessage() {
        let message = message()
        for fragment in fragments(of: message) {
            if Int.random(in: 0..<6, using: &generator) == 0 { addControl() }
            frames.append(fragment)
        }
        expected.append(.message(message))
    }

    /// In one of all the ways that this codec has of sending it.
    private mutating func fragments(of message: Message) -> [Frame] {
        if Int.random(in: 0..<8, using: &generator) == 0 { encoder.releaseContext() }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            return fragments([UInt8](message.bytes), message.kind, isCompressed: false)
        case 1:
            let windowBits = Int.random(in: 8...15, using: &generator)
            return fragments(encoder.frame(for: pool.share(message, windowBits: windowBits)))
        case 2:
            guard let parameters else { fallthrough }
            return streamed(message, windowBits: parameters.maxWindowBits(ofSender: sender))
        default:
            return fragments(encoder.frame(for: message, pool: &pool))
        }
    }

    private mutating func fragments(_ frame: Frame) -> [Frame] {
        fragments([UInt8](frame.payload), frame.opcode == .text ? .text : .binary, isCompressed: frame.reserved1)
    }

    /// Compressed as it is made: each piece is flushed, and so ends on a byte (RFC 7692 §6.1).
    private mutating func streamed(_ message: Message, windowBits: Int) -> [Frame] {
        var deflater = Deflater(windowBits: windowBits, options: pool.options)
        let pieces = cut([UInt8](message.bytes))
        var payload: [UInt8] = []
        for piece in pieces.dropLast() {
            payload += [UInt8](deflater.deflate(ByteBuffer(bytes: piece), isLast: false))
        }
        payload += [UInt8](deflater.deflate(ByteBuffer(bytes: pieces.last ?? [])))
        // The peer's window has moved on by a message that the encoder's compressor has not seen.
        encoder.releaseContext()
        return fragments(payload, message.kind, isCompressed: true)
    }

    private mutating func fragments(_ payload: [UInt8], _ kind: Message.Kind, isCompressed: Bool) -> [Frame] {
        var pieces = cut(payload)
        if pieces.isEmpty || Int.random(in: 0..<5, using: &generator) == 0 {
            pieces.insert([], at: Int.random(in: 0...pieces.count, using: &generator))
        }
        return pieces.enumerated().map { index, piece in
            Frame(
                opcode: index == 0 ? kind.opcode : .continuation, payload: ByteBuffer(bytes: piece),
                isFinal: index == pieces.count - 1, reserved1: isCompressed && index == 0)
        }
    }

    private mutating func addControl() {
        let payload = ByteBuffer(bytes: generator.bytes(count: .random(in: 0...125, using: &generator)))
        let isPing = Bool.random(using: &generator)
        frames.append(Frame(opcode: isPing ? .ping : .pong, payload: payload))
        expected.append(isPing ? .ping(payload) : .pong(payload))
    }

    private mutating func addClose() {
        let code = [nil, CloseCode.goingAway, CloseCode(rawValue: 4000)].randomElement(using: &generator) ?? nil
        let reason = code == nil ? "" : text(characters: Int.random(in: 0...30, using: &generator))
        frames.append(.close(code, reason: reason))
        expected.append(.close(code: code, reason: reason))
    }

    private mutating func message() -> Message {
        // The lengths at which a header changes its form, and more than a window of 8 bits.
        let length = [0, 1, 10, 125, 126, 127, 300, 600].randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<200, using: &generator) {
        case 0: return .binary(generator.bytes(count: .random(in: 65_534...65_537, using: &generator)))
        case 1..<60: return .binary(generator.bytes(count: length))
        case 60..<120:
            let pattern = generator.bytes(count: .random(in: 1...9, using: &generator))
            return .binary((0..<length).map { pattern[$0 % pattern.count] })
        default: return .text(text(characters: length))
        }
    }

    private static let scalars: [ClosedRange<UInt32>] = [
        0x00...0x7F, 0x61...0x65, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
    ]

    private mutating func text(characters count: Int) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<count {
            let range = Self.scalars.randomElement(using: &generator) ?? 0x61...0x65
            text.append(contentsOf: Unicode.Scalar(UInt32.random(in: range, using: &generator)).map { [$0] } ?? [])
        }
        return String(text)
    }

    /// In pieces of any lengths: all of 1 byte, all in one, or anything between.
    private mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        // A large message in tiny pieces takes long, and shows no more than a small one.
        let shortest = 1 + bytes.count / 500
        let longest = max(shortest, [1, 3, 40, 1000, 1 << 30].randomElement(using: &generator) ?? 1)
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: shortest...longest, using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}
