import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateValueEncoderTests {
    private struct User: Encodable {
        var name = "Ada"
        var age = 36
        var nick: String?
        var score: Float = 0.1
        var tags = ["a", "b"]
        var friend: [String: [Int?]] = ["x": [1, nil]]
    }

    @Test("encodes a struct") func encodesAStruct() throws {
        #expect(
            try TemplateValue(encoding: User()) == [
                "name": "Ada", "age": 36, "nick": nil, "score": 0.1, "tags": ["a", "b"], "friend": ["x": [1, nil]],
            ])
    }

    @Test("encodes scalars") func encodesScalars() throws {
        #expect(try TemplateValue(encoding: "a") == "a")
        #expect(try TemplateValue(encoding: UInt8(1)) == 1)
        #expect(try TemplateValue(encoding: Int?.none) == nil)
        #expect(try TemplateValue(encoding: Int?.some(1)) == 1)
    }

    @Test("encodes empty collections") func encodesEmptyCollections() throws {
        struct Nothing: Encodable {}
        #expect(try TemplateValue(encoding: [Int]()) == [])
        #expect(try TemplateValue(encoding: [String: Int]()) == [:])
        #expect(try TemplateValue(encoding: Nothing()) == [:])
    }

    @Test("encodes enumerations") func encodesEnumerations() throws {
        enum Color: String, Encodable { case red }
        enum Shape: Encodable { case circle(radius: Int) }
        #expect(try TemplateValue(encoding: [Color.red]) == ["red"])
        #expect(try TemplateValue(encoding: Shape.circle(radius: 2)) == ["circle": ["radius": 2]])
    }

    @Test("encodes dictionaries by their keys") func encodesDictionariesByTheir() throws {
        #expect(try TemplateValue(encoding: [1: "a"]) == ["1": "a"])
    }

    @Test("encodes members of several types") func encodesMembersOfSeveral() throws {
        let members: [String: any Encodable] = ["a": 1, "b": "x", "c": ["y": 2], "d": TemplateValue.null]
        #expect(try TemplateValue(encoding: members) == ["a": 1, "b": "x", "c": ["y": 2], "d": nil])
    }

    @Test("encodes a class and its superclass") func encodesAClass() throws {
        class Animal: Encodable { var legs = 4 }
        class Dog: Animal {
            enum Keys: CodingKey { case name }
            override func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                try container.encode("Rex", forKey: .name)
                try super.encode(to: container.superEncoder())
            }
        }
        #expect(try TemplateValue(encoding: Dog()) == ["name": "Rex", "super": ["legs": 4]])
    }

    @Test("joins two containers of one encoder") func joinsTwoContainers() throws {
        struct Twice: Encodable {
            enum Keys: CodingKey { case a, b }
            func encode(to encoder: any Encoder) throws {
                var first = encoder.container(keyedBy: Keys.self)
                var second = encoder.container(keyedBy: Keys.self)
                try first.encode(1, forKey: .a)
                try second.encode(2, forKey: .b)
            }
        }
        #expect(try TemplateValue(encoding: Twice()) == ["a": 1, "b": 2])
    }

    @Test("names the path to an integer that is too large") func namesThePath() throws {
        let error = #expect(throws: EncodingError.self) {
            try TemplateValue(encoding: ["a": [[0], [1, UInt64.max]]])
        }
        guard case .invalidValue(let value, let context) = error else {
            Issue.record("expected an invalid value, found \(String(describing: error))")
            return
        }
        #expect(value as? UInt64 == .max)
        #expect(context.codingPath.map(\.stringValue) == ["a", "1", "1"])
        #expect(
            context.debugDescription
                == "expected an integer up to 9223372036854775807, found 18446744073709551615; give it as a text")
    }

    @Test("refuses integers of 128 bits") func refusesIntegersOf128() throws {
        #expect(throws: EncodingError.self) { try TemplateValue(encoding: Int128(1)) }
        #expect(throws: EncodingError.self) { try TemplateValue(encoding: ["a": [UInt128(1)]]) }
    }

    @Test("passes on the errors of a type") func passesErrorsType() throws {
        struct Refusal: Error, Equatable {}
        struct Stubborn: Encodable {
            func encode(to encoder: any Encoder) throws { throw Refusal() }
        }
        #expect(throws: Refusal()) { try TemplateValue(encoding: ["a": Stubborn()]) }
    }
}
