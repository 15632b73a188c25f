import FoundationEssentials

/// A decoder of one value of a form.
struct FormValue: SingleValueDecodingContainer {
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
        // Generic code gets the types above here too.
        switch type {
        case is String.Type: if let value = text as? Value { return value }
        case is Bool.Type: if let value = try decode(Bool.self) as? Value { return value }
        // As in JSON; its own decoding reads seconds since 2001.
        case is Date.Type:
            guard let value = DateText.date(text) as? Value else { throw mismatch(type) }
            return value
        default: break
        }
        do {
            return try Value(from: FormValueDecoder(values: [text], codingPath: codingPath))
        } catch DecodingError.dataCorrupted where type is any CaseIterable.Type {
            throw mismatch(type)
        }
    }

    private func number<Number>(_ type: Number.Type, _ read: (String) -> Number?) throws -> Number {
        guard let number = read(text) else { throw mismatch(type) }
        return number
    }

    private func mismatch(_ type: Any.Type) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: "the text is not one"))
    }
}
