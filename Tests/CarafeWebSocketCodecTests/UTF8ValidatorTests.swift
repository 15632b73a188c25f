import NIOCore
import TestSupport
import Testing

@testable import CarafeWebSocketCodec

@Suite(.timeLimit(.minutes(10))) struct UTF8ValidatorTests {
    private func isValid(_ pieces: [UInt8]...) -> Bool {
        var validator = UTF8Validator()
        return pieces.allSatisfy { validator.accept(ByteBuffer(bytes: $0)) } && validator.isComplete
    }

    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        return validator.accept(ByteBuffer(bytes: bytes))
    }

    @Test("RFC 3629 §3: every scalar value is valid, and the surrogates are not")
    func scalars() {
        var wrong: [UInt32] = []
        for value in UInt32(0)...0x10FFFF {
            let bytes: [UInt8] =
                switch value {
                case ..<0x80: [UInt8(value)]
                case ..<0x800: [0xC0 | UInt8(value >> 6), tail(value)]
                case ..<0x10000: [0xE0 | UInt8(value >> 12), tail(value >> 6), tail(value)]
                default: [0xF0 | UInt8(value >> 18), tail(value >> 12), tail(value >> 6), tail(value)]
                }
            var validator = UTF8Validator()
            let isValid = bytes.withUnsafeBytes { validator.accept($0) } && validator.isComplete
            if isValid != (Unicode.Scalar(value) != nil) { wrong.append(value) }
        }
        #expect(wrong.isEmpty)
    }

    private func tail(_ value: UInt32) -> UInt8 { 0x80 | UInt8(value & 0x3F) }

    @Test(
        "RFC 3629 §4: overlong forms, surrogates, values past U+10FFFF and stray bytes fail at once",
        arguments: [
            [0x80], [0xBF], [0xC0], [0xC1], [0xF5], [0xFE], [0xFF], [0xC2, 0x41], [0xC2, 0xC2], [0xE0, 0x9F],
            [0xED, 0xA0], [0xF0, 0x8F], [0xF4, 0x90], [0xE1, 0x80, 0x41], [0xF1, 0x80, 0x80, 0xC0],
        ] as [[UInt8]]
    )
    func invalid(bytes: [UInt8]) {
        #expect(!isAccepted(bytes))
        #expect(!isAccepted(Array("some text before it".utf8) + bytes))
        #expect(isAccepted(bytes.dropLast()))
    }

    @Test("RFC 3629 §4: an unfinished character may go on but not end", arguments: [1, 2, 3])
    func unfinished(length: Int) {
        let bytes = Array("🙂".utf8.prefix(length))
        #expect(isAccepted(bytes))
        #expect(!isValid(bytes))
        #expect(isValid(bytes, Array("🙂".utf8.dropFirst(length))))
    }

    @Test("An error is kept, whatever follows")
    func sticky() {
        var validator = UTF8Validator()
        let pieces = [[0xFF], Array("fine text again, and more than one block of it".utf8), []]
        let accepted = pieces.map { validator.accept(ByteBuffer(bytes: $0)) }
        #expect(accepted == [false, false, false])
        #expect(!validator.isComplete)
    }

    @Test("A wrong byte is found at every place of the word-wise scan")
    func everyPlace() {
        for length in 1...150 {
            for place in 0..<length {
                var bytes = [UInt8](repeating: 0x61, count: length)
                bytes[place] = 0xFF
                #expect(!isAccepted(bytes))
            }
        }
    }

    @Test("Text cut anywhere is valid")
    func pieces() {
        let text = Array("Ein Krug, größer als 水壺, fasst auch 🙂 und einen langen Rest in ASCII ohne alles.".utf8)
        for first in 0...text.count {
            for second in first...text.count {
                #expect(isValid(Array(text[..<first]), Array(text[first..<second]), Array(text[second...])))
            }
        }
    }

    @Test("Random bytes are judged as the standard library judges them")
    func random() {
        var generator = SeededGenerator(seed: 3629)
        let alphabet = Array("aé水🙂".utf8) + [0xE0, 0xA0, 0xED, 0x9F, 0xF4, 0x8F, 0xC0]
        var valid = 0
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...6, using: &generator)
            let random = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let bytes = [UInt8](repeating: 0x61, count: Int.random(in: 0...40, using: &generator)) + random
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect(isValid(bytes) == expected)
            valid += expected ? 1 : 0
        }
        #expect((1000..<19_000).contains(valid))
    }
}
