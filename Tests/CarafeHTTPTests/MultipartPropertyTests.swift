import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import CarafeHTTP

/// However a body is split into reads, the same comes out of it.
@Suite(.timeLimit(.minutes(10))) struct MultipartPropertyTests {
    /// The pieces of which boundaries, line ends and heads are made.
    private static let scraps = [
        "\r", "\n", "-", "--", "\r\n", "\r\n--", "\r\n--b", "--b", "--b--", "b", "x", "\r\n\r\n", "é", "\u{0}", ":",
        "\"",
    ]

    private static func data(_ numbers: inout SeededGenerator, boundary: String) -> String {
        let text = (0..<Int.random(in: 0...20, using: &numbers)).map { _ in
            scraps.randomElement(using: &numbers) ?? ""
        }.joined()
        // Data cannot hold the delimiter itself.
        return text.utf8.elementsEqual(text.replacing("\r\n--\(boundary)", with: "").utf8) ? text : "data"
    }

    private static func split(_ text: String, _ numbers: inout SeededGenerator, upTo length: Int) -> [ByteBuffer] {
        var rest = ByteBuffer(string: text)
        var pieces: [ByteBuffer] = []
        while let piece = rest.readSlice(
            length: min(Int.random(in: 1...length, using: &numbers), max(rest.readableBytes, 1)))
        {
            pieces.append(piece)
        }
        return pieces
    }

    @Test("each split of a body has the same events", arguments: 0..<200) func anySplitGives(seed: UInt64) throws {
        var numbers = SeededGenerator(seed: seed)
        let boundary = ["b", "--b", "b--", "bbbb", "-", "b b"].randomElement(using: &numbers) ?? "b"
        let parts = (0..<Int.random(in: 0...5, using: &numbers)).map { index in
            (disposition: "name=\(index)", data: Self.data(&numbers, boundary: boundary))
        }
        let expected = parts.enumerated().map { index, part in
            ReadPart(name: "\(index)", data: ByteBuffer(string: part.data), isComplete: true)
        }
        let text = form(parts, boundary: boundary)
        for length in [1, 3, 80, 1000] {
            let pieces = Self.split(text, &numbers, upTo: length)
            #expect(try MultipartParser.read(pieces, boundary: boundary) == expected, "seed \(seed), \(length)")
        }
    }

    /// Scraps without sense: no crash, no endless loop, and the same answer whatever the split.
    @Test("each split of nonsense has the same result", arguments: 0..<300) func anySplitOfNonsense(seed: UInt64) throws
    {
        var numbers = SeededGenerator(seed: seed)
        let more =
            Self.scraps + ["Content-Disposition: form-data; name=a\r\n\r\n", "--b\r\n", "\r\n--b\r\n", "\r\n--b--"]
        let text = (0..<Int.random(in: 0...30, using: &numbers)).map { _ in
            more.randomElement(using: &numbers) ?? ""
        }.joined()
        let whole = Result { try MultipartParser.read(text) }
        for length in [1, 2, 7] {
            let split = Result { try MultipartParser.read(Self.split(text, &numbers, upTo: length)) }
            switch (whole, split) {
            case (.success(let left), .success(let right)): #expect(left == right, "seed \(seed)")
            case (.failure(let left), .failure(let right)):
                #expect(left as? HTTPError == right as? HTTPError, "seed \(seed)")
            default: Issue.record("seed \(seed): \(whole) and \(split)")
            }
        }
    }
}
