/// A decoder that makes a type of yours from the fields of a form.
///
/// | property | the field |
/// |---|---|
/// | `String` | the text as it was sent; empty for an empty field |
/// | a number, `UUID`, an enumeration of texts | parsed from the text |
/// | `Bool` | `on`, `true`, `1` or `yes`; false for a missing field, since a box that is not ticked is not sent |
/// | an optional | nil for a missing field; of types other than `String` for an empty one too |
/// | an array | all values of the name, or of the name and `[]`, in order; empty for a missing field |
struct FormDecoder: Decoder {
    let form: Form
    var codingPath: [any CodingKey] = []
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ form: Form) {
        self.form = form
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(FormFields<Key>(form: form))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DecodingError.typeMismatch(
            [String].self, .init(codingPath: codingPath, debugDescription: "a form has named fields"))
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw DecodingError.typeMismatch(
            String.self, .init(codingPath: codingPath, debugDescription: "a form has named fields"))
    }
}

/// A container of the fields by their names.
private struct FormFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let form: Form
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { form.pairs.compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool { form[key.stringValue] != nil }

    /// An optional list is nil without a value of it.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        let isNil = type is any FormList.Type ? values(key).isEmpty : decodeNil(forKey: key)
        return isNil ? nil : try decode(type, forKey: key)
    }

    /// Returns whether an optional is nil; `String` has its own rule.
    func decodeNil(forKey key: Key) -> Bool { form[key.stringValue]?.isEmpty ?? true }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { form[key.stringValue] }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try contains(key) ? value(key).decode(type) : false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        if type is any FormList.Type {
            return try Value(from: FormValueDecoder(values: values(key), codingPath: [key]))
        }
        return try value(key).decode(type)
    }

    /// PHP and jQuery name a repeated field `tags[]`, Flask and browsers `tags`.
    private func values(_ key: Key) -> [String] {
        let values = form[values: key.stringValue]
        return values.isEmpty ? form[values: key.stringValue + "[]"] : values
    }

    private func value(_ key: Key) throws -> FormValue {
        guard let text = form[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "missing"))
        }
        return FormValue(text: text, codingPath: [key])
    }

    func nestedContainer<Inner>(keyedBy type: Inner.Type, forKey key: Key) throws -> KeyedDecodingContainer<Inner> {
        throw DecodingError.typeMismatch(
            String.self, .init(codingPath: [key], debugDescription: "a form's fields hold texts"))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
        FormValues(values: values(key), codingPath: [key])
    }

    func superDecoder() -> any Decoder { FormDecoder(form) }

    func superDecoder(forKey key: Key) -> any Decoder {
        FormValueDecoder(values: values(key), codingPath: [key])
    }
}

/// A type that is decoded from all values of a name.
private protocol FormList {}
extension Array: FormList {}
extension Set: FormList {}

/// A decoder of the values of one name.
struct FormValueDecoder: Decoder {
    let values: [String]
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw DecodingError.typeMismatch(
            String.self, .init(codingPath: codingPath, debugDescription: "a form's fields hold texts"))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { FormValues(values: values, codingPath: codingPath) }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        FormValue(text: values.first ?? "", codingPath: codingPath)
    }
}

/// A container of all values of a name.
private struct FormValues: UnkeyedDecodingContainer {
    let values: [String]
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0
    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex == values.count }

    init(values: [String], codingPath: [any CodingKey]) {
        self.values = values
        self.codingPath = codingPath
    }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(type, .init(codingPath: codingPath, debugDescription: "no more values"))
        }
        defer { currentIndex += 1 }
        return try FormValue(text: values[currentIndex], codingPath: codingPath).decode(type)
    }

    func nestedContainer<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try FormValueDecoder(values: values, codingPath: codingPath).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DecodingError.typeMismatch(
            String.self, .init(codingPath: codingPath, debugDescription: "a form's fields hold texts"))
    }

    func superDecoder() -> any Decoder { FormValueDecoder(values: values, codingPath: codingPath) }
}
