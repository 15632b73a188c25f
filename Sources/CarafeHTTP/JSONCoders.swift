public import FoundationEssentials
public import NIOCore

/// The JSON coders of an app, made once.
public struct JSONCoders: Sendable {
    /// For replies.
    public var encoder: JSONEncoder
    /// For requests.
    public var decoder: JSONDecoder

    /// Coders with settings of your own, such as a date format.
    public init(encoder: JSONEncoder = JSONEncoder(), decoder: JSONDecoder = JSONDecoder()) {
        self.encoder = encoder
        self.decoder = decoder
    }

    /// The coders of whoever has no app at hand; with the defaults of Foundation.
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
