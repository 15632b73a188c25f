import NIOCore

@testable import CarafeWebSocketCodec

/// Anything as messages to compress: what goes in must come out.
///
/// Input: the window, level and memory, takeover, three lengths of messages and fragments; then the messages.
enum DeflaterTarget: Target {
    static let name = "deflater"

    static var seeds: [Seed] {
        let text = "Hello, Hello, größer als plain old ASCII 🙂 {\"id\": 1, \"id\": 2, \"id\": 3}"
        return (0...9).flatMap { level in [0, 1, 7].map { Seed([$0, level, 4, level & 1, 9, 30, 0], text: text) } }
    }

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let windowBits = input.number(in: 8...15)
        let level = input.number(in: 0...9)
        let options = DeflateOptions(compressionLevel: level, memoryLevel: input.number(in: 1...9))
        let flags = input.byte()
        let split = input.split()
        var deflater = Deflater(windowBits: windowBits, options: options)
        var inflater = Inflater(windowBits: windowBits)
        for part in split.reads(of: input.remaining()).prefix(50) {
            // Repeated, to reach beyond the window.
            let message = Array(repeatElement(part, count: flags & 4 == 0 ? 1 : 40).joined())
            if flags & 1 != 0 { deflater.reset() }
            if flags & 2 != 0 { inflater = Inflater(windowBits: windowBits) }
            let before = deflater
            let payload = fragments(split.reads(of: message), &deflater)
            var copy = before
            law("a copy goes the same way", fragments(split.reads(of: message), &copy) == payload)
            // A sender may forget its context without telling; a receiver only if the sender does.
            guard flags & 3 != 2 else { continue }
            let result = try? inflater.inflate(payload, limit: message.count)
            law("a compressed message comes out again", result == ByteBuffer(bytes: message))
        }
    }

    private static func fragments(_ pieces: [[UInt8]], _ deflater: inout Deflater) -> ByteBuffer {
        var payload = ByteBuffer()
        for piece in pieces.dropLast() {
            payload.writeImmutableBuffer(deflater.deflate(ByteBuffer(bytes: piece), isLast: false))
        }
        payload.writeImmutableBuffer(deflater.deflate(ByteBuffer(bytes: pieces.last ?? [])))
        return payload
    }
}
