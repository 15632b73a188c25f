import FoundationEssentials
import Synchronization
import Testing

@testable import CarafeApp

@Suite("JSONLength", .timeLimit(.minutes(10)))
struct JSONLengthTests {
    private struct Entry: Encodable {
        var name: String
        var number: Int?
        var tags: [String: [Double]]
    }

    /// A class that leaves a part of its values to its parent.
    private final class Child: Encodable {
        let name: String

        init(name: String) { self.name = name }

        private enum Key: CodingKey {
            case name, list, object
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encodeNil(forKey: .name)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encodeNil()
            var object = list.nestedContainer(keyedBy: Key.self)
            try object.encode(name, forKey: .name)
            var inner = list.nestedUnkeyedContainer()
            try inner.encode(Int128.max)
            #expect(list.count == 3)
            try name.encode(to: list.superEncoder())
            try [UInt128.max].encode(to: container.superEncoder(forKey: .object))
        }
    }

    private static let long = String(repeating: "x", count: JSONLength.limit)

    @Test("values whose JSON is short")
    func short() {
        #expect(!JSONLength.isPastLimit(5))
        #expect(!JSONLength.isPastLimit(Self.long.dropLast(100).description))
        #expect(!JSONLength.isPastLimit([String]()))
        #expect(!JSONLength.isPastLimit(Entry(name: "a", number: nil, tags: ["b": [1, 2]])))
        #expect(!JSONLength.isPastLimit(Array(repeating: true, count: 1000)))
        #expect(!JSONLength.isPastLimit(Child(name: "a")))
        #expect(!JSONLength.isPastLimit(Date(timeIntervalSince1970: 0)))
    }

    @Test("values whose JSON is long: in one text, in many values, in many names, in a part of a part")
    func long() {
        #expect(JSONLength.isPastLimit(Self.long))
        #expect(JSONLength.isPastLimit(Array(repeating: 1, count: 10_000)))
        #expect(JSONLength.isPastLimit(Array(repeating: Int?.none, count: 10_000)))
        #expect(JSONLength.isPastLimit(Array(repeating: [Int](), count: JSONLength.limit + 1)))
        #expect(JSONLength.isPastLimit(Dictionary(uniqueKeysWithValues: (0..<10_000).map { ("\($0)", false) })))
        #expect(JSONLength.isPastLimit(Entry(name: "a", number: 1, tags: ["b": Array(repeating: 1, count: 10_000)])))
        #expect(JSONLength.isPastLimit(Child(name: Self.long)))
        #expect(JSONLength.isPastLimit(Data(repeating: 0, count: JSONLength.limit)))
    }

    @Test("it stops at the limit, and an error is not its own")
    func stops() {
        let count = Count()
        #expect(JSONLength.isPastLimit(Array(repeating: Value(count: count), count: 100_000)))
        #expect(count.encoded.withLock { $0 } < JSONLength.limit / Value.text.utf8.count)
        #expect(!JSONLength.isPastLimit(Broken()))
    }

    private struct Broken: Encodable, Error {
        func encode(to encoder: any Encoder) throws { throw self }
    }

    /// Counts how often it is encoded.
    private struct Value: Encodable {
        static let text = "text"
        let count: Count

        func encode(to encoder: any Encoder) throws {
            count.encoded.withLock { $0 += 1 }
            var container = encoder.singleValueContainer()
            try container.encode(Self.text)
        }
    }

    private final class Count: Sendable {
        let encoded = Mutex(0)
    }
}
