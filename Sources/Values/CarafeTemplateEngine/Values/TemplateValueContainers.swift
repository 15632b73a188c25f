// The protocols require `encode` once for each scalar type; one generic method satisfies all of them.

/// A container that encodes the members of an object.
struct TemplateObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: TemplateValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    mutating func encodeNil(forKey key: Key) throws {
        encoder.members?[key.stringValue] = .value(.null)
    }

    mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        let value = try encoder.encode(value, at: key)
        encoder.members?[key.stringValue] = .value(value)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        open(key).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        open(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        open(TemplateCodingKey(stringValue: "super"))
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        open(key)
    }

    private func open(_ key: any CodingKey) -> TemplateValueEncoder {
        let nested = encoder.nested(key)
        encoder.members?[key.stringValue] = .encoder(nested)
        return nested
    }
}

/// A container that encodes the elements of an array.
struct TemplateArrayContainer: UnkeyedEncodingContainer {
    let encoder: TemplateValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.elements?.count ?? 0 }

    mutating func encodeNil() throws {
        encoder.elements?.append(.value(.null))
    }

    mutating func encode<T: Encodable>(_ value: T) throws {
        let value = try encoder.encode(value, at: TemplateCodingKey(intValue: count))
        encoder.elements?.append(.value(value))
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        open().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        open().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        open()
    }

    private func open() -> TemplateValueEncoder {
        let nested = encoder.nested(TemplateCodingKey(intValue: count))
        encoder.elements?.append(.encoder(nested))
        return nested
    }
}

/// A container that encodes a value without members or elements.
struct TemplateSingleContainer: SingleValueEncodingContainer {
    let encoder: TemplateValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    mutating func encodeNil() throws {
        encoder.single = .null
    }

    mutating func encode<T: Encodable>(_ value: T) throws {
        encoder.single = try encoder.encode(value)
    }
}
