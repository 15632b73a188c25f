public import FoundationEssentials
public import NIOCore

/// The JSON coders of an app, created once.
///
/// The defaults write values as JavaScript and most other languages expect them: dates as ISO 8601 in UTC with whole
/// seconds (`2026-11-28T15:04:05Z`), keys sorted, so that equal values are equal bytes, and `/` without a backslash.
/// They read dates with or without fractions of a second.
public struct JSONCoders: Sendable {
    /// The encoder of replies.
    public var encoder: JSONEncoder
    /// The decoder of requests.
    public var decoder: JSONDecoder

    /// Creates coders, with settings of your own such as a date format.
    ///
    /// - Parameters:
    ///   - encoder: An encoder, or nil for a new one with the defaults of this type.
    ///   - decoder: A decoder, or nil for a new one with the defaults of this type.
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

    /// The default coders, for code that has no app.
    public static let standard = JSONCoders()

    /// Returns the value as JSON.
    ///
    /// - Throws: `EncodingError`.
    public func encode(_ value: some Encodable) throws -> ByteBuffer {
        let data = try encoder.encode(value)
        return data.withUnsafeBytes { ByteBuffer(bytes: $0) }
    }

    /// Returns the value that JSON stands for.
    ///
    /// - Throws: `DecodingError`, also for a key over 1 KiB.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        // The pointer does not leave the call.
        if bytes.withUnsafeReadableBytes({ JSONKeys.areTooLong(in: $0) }) {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "expected names of at most \(JSONKeys.limit) bytes"))
        }
        return try decoder.decode(type, from: bytes.withUnsafeReadableBytes { Data($0) })
    }
}
