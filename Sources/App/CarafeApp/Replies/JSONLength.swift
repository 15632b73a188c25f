import FoundationEssentials

/// An estimate of a value's length as JSON, made by encoding the value into a counter that stops at a limit.
package enum JSONLength {
    /// The length that `JSONEncoder` produces in about 2 ms, which is one turn of the event loop.
    package static let limit = 32 << 10

    /// Whether the value's JSON is longer than about `limit` bytes.
    package static func isPastLimit(_ value: some Encodable, for coders: JSONCoders = .standard) -> Bool {
        let tally = Tally(left: limit, userInfo: coders.encoder.userInfo)
        // Any other error is left for the encoder to report.
        try? value.encode(to: tally)
        return tally.left < 0
    }

    private struct LengthLimitError: Error {}

    private final class Tally: Encoder {
        let codingPath: [any CodingKey] = []
        let userInfo: [CodingUserInfoKey: Any]
        private(set) var left: Int

        init(left: Int, userInfo: [CodingUserInfoKey: Any]) {
            self.left = left
            self.userInfo = userInfo
        }

        func add(_ length: Int) throws {
            left -= length
            if left < 0 { throw LengthLimitError() }
        }

        func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            KeyedEncodingContainer(Members(tally: self))
        }

        func unkeyedContainer() -> any UnkeyedEncodingContainer { Elements(tally: self) }

        func singleValueContainer() -> any SingleValueEncodingContainer { Single(tally: self) }
    }

    private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let tally: Tally
        var codingPath: [any CodingKey] { [] }

        func encodeNil(forKey key: Key) throws { try tally.add(key.stringValue.utf8.count + 8) }

        func encode(_ value: some Encodable, forKey key: Key) throws {
            try tally.add(key.stringValue.utf8.count + 4)
            try value.encode(to: tally)
        }

        func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
            tally.container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { tally.unkeyedContainer() }

        func superEncoder() -> any Encoder { tally }

        func superEncoder(forKey key: Key) -> any Encoder { tally }
    }

    private struct Elements: UnkeyedEncodingContainer {
        let tally: Tally
        var codingPath: [any CodingKey] { [] }
        private(set) var count = 0

        init(tally: Tally) { self.tally = tally }

        mutating func encodeNil() throws {
            count += 1
            try tally.add(5)
        }

        mutating func encode(_ value: some Encodable) throws {
            count += 1
            try tally.add(1)
            try value.encode(to: tally)
        }

        mutating func nestedContainer<Nested>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
            count += 1
            return tally.container(keyedBy: type)
        }

        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            count += 1
            return tally.unkeyedContainer()
        }

        mutating func superEncoder() -> any Encoder {
            count += 1
            return tally
        }
    }

    private struct Single: SingleValueEncodingContainer {
        /// The estimated length of any number.
        private static let number = 4

        let tally: Tally
        var codingPath: [any CodingKey] { [] }

        func encodeNil() throws { try tally.add(4) }
        func encode(_ value: Bool) throws { try tally.add(5) }
        func encode(_ value: String) throws { try tally.add(value.utf8.count + 2) }
        func encode(_ value: Double) throws { try tally.add(Self.number) }
        func encode(_ value: Float) throws { try tally.add(Self.number) }
        func encode(_ value: Int) throws { try tally.add(Self.number) }
        func encode(_ value: Int8) throws { try tally.add(Self.number) }
        func encode(_ value: Int16) throws { try tally.add(Self.number) }
        func encode(_ value: Int32) throws { try tally.add(Self.number) }
        func encode(_ value: Int64) throws { try tally.add(Self.number) }
        func encode(_ value: UInt) throws { try tally.add(Self.number) }
        func encode(_ value: UInt8) throws { try tally.add(Self.number) }
        func encode(_ value: UInt16) throws { try tally.add(Self.number) }
        func encode(_ value: UInt32) throws { try tally.add(Self.number) }
        func encode(_ value: UInt64) throws { try tally.add(Self.number) }
        // Integers of 128 bits would otherwise encode themselves without end.
        func encode(_ value: Int128) throws { try tally.add(Self.number) }
        func encode(_ value: UInt128) throws { try tally.add(Self.number) }
        func encode(_ value: some Encodable) throws { try value.encode(to: tally) }
    }
}
