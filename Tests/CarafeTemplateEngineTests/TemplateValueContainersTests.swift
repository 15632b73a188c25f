import Testing

@testable import CarafeTemplateEngine

@Suite(.timeLimit(.minutes(10))) struct TemplateValueContainersTests {
    private enum Key: String, CodingKey { case a, b, c, d, e }

    private struct Probe: Encodable {
        let body: (any Encoder) throws -> Void

        func encode(to encoder: any Encoder) throws { try body(encoder) }
    }

    private func encode(_ body: @escaping (any Encoder) throws -> Void) throws -> TemplateValue {
        try TemplateValue(encoding: Probe(body: body))
    }

    @Test("object takes every scalar") func objectTakesEveryScalar() throws {
        let value = try encode { encoder in
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(true, forKey: .a)
            try container.encode("x", forKey: .b)
            try container.encode(UInt32(3), forKey: .c)
            try container.encode(1.5, forKey: .d)
            try container.encodeNil(forKey: .e)
        }
        #expect(value == ["a": true, "b": "x", "c": 3, "d": 1.5, "e": nil])
    }

    @Test("object holds nested containers") func objectHoldsNestedContainers() throws {
        let value = try encode { encoder in
            var container = encoder.container(keyedBy: Key.self)
            var object = container.nestedContainer(keyedBy: Key.self, forKey: .a)
            var array = container.nestedUnkeyedContainer(forKey: .b)
            // Written out of order, after both were opened.
            try array.encode(1)
            try object.encode(2, forKey: .c)
            try array.encode(3)
            try 4.encode(to: container.superEncoder(forKey: .d))
            try 5.encode(to: container.superEncoder())
        }
        #expect(value == ["a": ["c": 2], "b": [1, 3], "d": 4, "super": 5])
    }

    @Test("encoders of nested containers are released, also after an error", arguments: [false, true])
    func nestedEncodersAreReleased(fails: Bool) throws {
        struct Failure: Error {}
        weak var encoder: AnyObject?
        weak var nested: AnyObject?
        _ = try? encode {
            var container = $0.container(keyedBy: Key.self)
            var array = container.nestedUnkeyedContainer(forKey: .a)
            let last = array.superEncoder()
            encoder = $0 as AnyObject
            nested = last as AnyObject
            #expect(encoder != nil && nested != nil)
            try 1.encode(to: last)
            if fails { throw Failure() }
        }
        #expect(encoder == nil && nested == nil)
    }

    @Test("array takes scalars and nil") func arrayTakesScalars() throws {
        let value = try encode { encoder in
            var container = encoder.unkeyedContainer()
            try container.encode(false)
            try container.encodeNil()
            try container.encode(contentsOf: [1, 2])
            #expect(container.count == 4)
        }
        #expect(value == [false, nil, 1, 2])
    }

    @Test("array holds nested containers") func arrayHoldsNestedContainers() throws {
        let value = try encode { encoder in
            var container = encoder.unkeyedContainer()
            var object = container.nestedContainer(keyedBy: Key.self)
            var array = container.nestedUnkeyedContainer()
            try container.encode("last")
            try array.encode(1)
            try object.encode(2, forKey: .a)
            try 3.encode(to: container.superEncoder())
        }
        #expect(value == [["a": 2], [1], "last", 3])
    }

    @Test("single takes a scalar or a whole") func singleTakesAScalar() throws {
        #expect(
            try encode {
                var container = $0.singleValueContainer()
                try container.encode(1)
            } == 1)
        #expect(
            try encode {
                var container = $0.singleValueContainer()
                try container.encodeNil()
            } == nil)
        #expect(
            try encode {
                var container = $0.singleValueContainer()
                try container.encode([1, 2])
            } == [1, 2])
    }

    @Test("containers know their path") func containersKnowTheirPath() throws {
        let encoder = TemplateValueEncoder(parent: nil, key: nil)
        var object = encoder.container(keyedBy: Key.self)
        var array = object.nestedUnkeyedContainer(forKey: .a)
        try array.encode(0)
        let inner = array.nestedContainer(keyedBy: Key.self)
        #expect(object.codingPath.isEmpty)
        #expect(array.codingPath.map(\.stringValue) == ["a"])
        #expect(inner.codingPath.map(\.stringValue) == ["a", "1"])
        #expect(inner.codingPath.last?.intValue == 1)
    }
}
