// The standard library omits a nil property, and a template could not tell it from a misspelt name.
// Unlike `encode`, these need a method for each scalar type: the protocol's own defaults, which omit the key, win over
// a generic method.
extension TemplateObjectContainer {
    private mutating func encode<T: Encodable>(optional value: T?, _ key: Key) throws {
        if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
    }

    mutating func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: Float?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: Int8?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: Int16?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: Int64?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: UInt?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws {
        try encode(optional: value, key)
    }

    mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
        try encode(optional: value, key)
    }
}
