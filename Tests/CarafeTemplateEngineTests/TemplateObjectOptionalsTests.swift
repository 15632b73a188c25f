import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateObjectOptionalsTests {
    private struct Optionals: Encodable {
        var a: Bool?, b: String?, c: Double?, d: Float?, e: Int?, f: Int8?, g: Int16?, h: Int32?, i: Int64?
        var j: UInt?, k: UInt8?, l: UInt16?, m: UInt32?, n: UInt64?, o: [Int]?
    }

    // Each property reaches a protocol requirement of its own.
    @Test("keeps the key of each nil") func keepsTheKey() throws {
        let keys = "abcdefghijklmno".map { String($0) }
        let expected = Dictionary(uniqueKeysWithValues: keys.map { ($0, TemplateValue.null) })
        #expect(try TemplateValue(encoding: Optionals()) == .object(expected))
    }

    @Test("keeps every value") func keepsEveryValue() throws {
        let optionals = Optionals(
            a: true, b: "x", c: 1.5, d: 0.1, e: 1, f: 2, g: 3, h: 4, i: 5, j: 6, k: 7, l: 8, m: 9, n: 10, o: [11])
        #expect(
            try TemplateValue(encoding: optionals) == [
                "a": true, "b": "x", "c": 1.5, "d": 0.1, "e": 1, "f": 2, "g": 3, "h": 4, "i": 5, "j": 6, "k": 7, "l": 8,
                "m": 9, "n": 10, "o": [11],
            ])
    }
}
