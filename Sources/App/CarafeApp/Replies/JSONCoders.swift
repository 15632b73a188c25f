public import FoundationEssentials
public import NIOCore

/// The JSON coders of an app, made once.
///
/// Unless they are given, values are written as JavaScript and most others read them: dates as ISO 8601 in UTC and
/// whole seconds (`2026-11-28T15:04:05Z`), names in order, so that equal values are equal bytes, and `/` as it is.
/// Dates are read with or without fractions of a second.
public struct JSONCoders: Sendable {
    /// For replies.
    public var encoder: JSONEncoder
    /// For requests.
    public var decoder: JSONDecoder

    /// Coders with settings of your own, such as a date format.
    ///
    /// - Parameters:
    ///   - encoder: Nil stands for a new one with the defaults of this type.
    ///   - decoder: Nil stands for a new one with the defaults of this type.
    public init(encoder: JSONEncoder? = nil, decoder: JSONDecoder? = nil) {
        self.encoder = encoder ?? Self.makeEncoder()
        self.decoder = decoder ?? Self.makeDecoder()
    }

    private static func makeEncoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            guard let text = DateText.text(date) else {
                throw EncodingError.invalidValue(
                    date,
                    .init(codingPath: encoder.codingPath, debugDescription: "expected a date of the years 0 to 9999"))
            }
            try container.encode(text)
        }
        return encoder
    }

    private static func makeDecoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let date = (try? decoder.singleValueContainer().decode(String.self)).flatMap(DateText.date)
            guard let date else {
                throw DecodingError.typeMismatch(
                    Date.self, .init(codingPath: decoder.codingPath, debugDescription: "expected a date of ISO 8601"))
            }
            return date
        }
        return decoder
    }

    /// The coders of code that has no app at hand, with the defaults.
    public static let standard = JSONCoders()

    /// The value as JSON; throws `EncodingError`.
    public func encode(_ value: some Encodable) throws -> ByteBuffer {
        let data = try encoder.encode(value)
        return data.withUnsafeBytes { ByteBuffer(bytes: $0) }
    }

    /// The value of JSON; throws `DecodingError`, also where a name is over 1 KiB.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        // The pointer stays inside the call.
        if bytes.withUnsafeReadableBytes({ JSONKeys.areTooLong(in: $0) }) {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "expected names of at most \(JSONKeys.limit) bytes"))
        }
        return try decoder.decode(type, from: bytes.withUnsafeReadableBytes { Data($0) })
    }
}
