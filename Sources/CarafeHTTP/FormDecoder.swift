/// Makes a type of yours from the fields of a form.
///
/// | property | the field |
/// |---|---|
/// | `String` | as it was sent; a field left empty is an empty text |
/// | a number, `UUID`, an enumeration of texts | read from the text |
/// | `Bool` | `on`, `true`, `1` or `yes`; false too where it is missing, as a box that is not ticked is not sent |
/// | an optional | nil where it is missing; of other than `String` also where it is empty |
/// | an array | all values of the name, in their order; none where it is missing |
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

/// The fields of a form by their names.
private struct FormFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let form: Form
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { form.pairs.compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool { form[key.stringValue] != nil }

    /// Whether an optional is nil; `String` has its own way.
    func decodeNil(forKey key: Key) -> Bool { form[key.stringValue]?.isEmpty ?? true }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { form[key.stringValue] }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try contains(key) ? value(key).decode(type) : false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        if type is any FormList.Type {
            return try Value(from: FormValueDecoder(values: form[values: key.stringValue], codingPath: [key]))
        }
        return try value(key).decode(type)
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
        FormValues(values: form[values: key.stringValue], codingPath: [key])
    }

    func superDecoder() -> any Decoder { FormDecoder(form) }

    func superDecoder(forKey key: Key) -> any Decoder {
        FormValueDecoder(values: form[values: key.stringValue], codingPath: [key])
    }
}

/// What takes all values of a name.
private protocol FormList {}
extension Array: FormList {}
extension Set: FormList {}

/// Decodes from the values of one name.
private struct FormValueDecoder: Decoder {
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

/// All values of a name.
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

/// One value.
private struct FormValue: SingleValueDecodingContainer {
    let text: String
    let codingPath: [any CodingKey]

    func decodeNil() -> Bool { text.isEmpty }

    func decode(_ type: String.Type) -> String { text }

    func decode(_ type: Bool.Type) throws -> Bool {
        switch text {
        case "on", "true", "1", "yes": true
        case "off", "false", "0", "no", "": false
        default: throw mismatch(type)
        }
    }

    func decode(_ type: Double.Type) throws -> Double {
        try number(type) { Double($0).flatMap { $0.isFinite ? $0 : nil } }
    }
    func decode(_ type: Float.Type) throws -> Float {
        try number(type) { Float($0).flatMap { $0.isFinite ? $0 : nil } }
    }
    func decode(_ type: Int.Type) throws -> Int { try number(type) { Int($0) } }
    func decode(_ type: Int8.Type) throws -> Int8 { try number(type) { Int8($0) } }
    func decode(_ type: Int16.Type) throws -> Int16 { try number(type) { Int16($0) } }
    func decode(_ type: Int32.Type) throws -> Int32 { try number(type) { Int32($0) } }
    func decode(_ type: Int64.Type) throws -> Int64 { try number(type) { Int64($0) } }
    func decode(_ type: UInt.Type) throws -> UInt { try number(type) { UInt($0) } }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try number(type) { UInt8($0) } }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try number(type) { UInt16($0) } }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try number(type) { UInt32($0) } }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try number(type) { UInt64($0) } }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // The generic way is also the one for the types above.
        switch type {
        case is String.Type: if let value = text as? Value { return value }
        case is Bool.Type: if let value = try decode(Bool.self) as? Value { return value }
        default: break
        }
        return try Value(from: FormValueDecoder(values: [text], codingPath: codingPath))
    }

    private func number<Number>(_ type: Number.Type, _ read: (String) -> Number?) throws -> Number {
        guard let number = read(text) else { throw mismatch(type) }
        return number
    }

    private func mismatch(_ type: Any.Type) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "the text is none"))
    }
}
