import NIOCore

@testable import CarafeWebSocketCodec

/// Anything as text, judged by our validator and by the standard library.
///
/// Input: three lengths of pieces; then the text.
enum TextTarget: Target {
    static let name = "text"

    static var seeds: [Seed] {
        // RFC 3629 §7, then the first and last characters of each length, and what §3 and §10 forbid.
        let texts = ["A≢Α.", "한국어", "日本語", "\u{233B4}", "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}"]
        let plain = String(repeating: "plain old ASCII, longer than a block; ", count: 5)
        let wrong: [[UInt8]] = [
            [0xC0, 0x80], [0xED, 0xA0, 0x8C], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xFF],
        ]
        return (texts + texts.map { plain + $0 } + [plain]).map { Seed([1, 2, 40], text: $0) }
            + wrong.map { Seed([1, 2, 40], Array(plain.utf8) + $0) }
    }

    static func check(_ bytes: [UInt8]) {
        var input = Input(bytes)
        let split = input.split()
        let text = input.remaining()
        var validator = UTF8Validator()
        let isAccepted = validator.accept(ByteBuffer(bytes: text))
        let isValid = String(validating: text, as: UTF8.self) != nil
        law("we and the standard library agree", (isAccepted && validator.isComplete) == isValid)
        law("an accepted text can be completed", !isAccepted || isValid || canBeCompleted(text))
        law("what can be completed is accepted", isAccepted || !canBeCompleted(text))
        for reads in [split.reads(of: text), Split.single.reads(of: text)] {
            var other = UTF8Validator()
            var result = true
            for read in reads {
                let isStillAccepted = other.accept(ByteBuffer(bytes: read))
                law("an error stays", result || !isStillAccepted)
                result = isStillAccepted
            }
            law("the same text in pieces is judged the same", result == isAccepted)
            law("the same text in pieces is as complete", other.isComplete == validator.isComplete)
        }
    }

    /// Whether the text is the beginning of a valid text.
    private static func canBeCompleted(_ text: [UInt8]) -> Bool {
        // RFC 3629 §4: one of these may stand second after every lead byte, and 80 anywhere later.
        [[], [0x80], [0x90], [0xA0]].contains { (next: [UInt8]) in
            (0...2).contains { count in
                let end = next + [UInt8](repeating: 0x80, count: count)
                return String(validating: text + end, as: UTF8.self) != nil
            }
        }
    }
}
