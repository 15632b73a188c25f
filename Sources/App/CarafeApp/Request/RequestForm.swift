public import CarafeHTTP
import HTTPTypes
import NIOCore

extension Request {
    /// The largest number of fields in a form: 1,000.
    public static let formFieldLimit = 1000

    /// Reads the fields of an urlencoded body.
    ///
    /// - Returns: The names and values.
    /// - Throws: 413 past `formFieldLimit` or the body's limit, 400 for a name over 256 bytes, and 415 for
    ///   `multipart/form-data`, which `request.multipart()` of CarafeMultipart reads.
    public func form() async throws -> Form {
        if ParameterizedValue(headers[.contentType]?[...] ?? "").value.hasPrefix("multipart/") {
            throw HTTPError(.unsupportedMediaType, "Expected an urlencoded form, found a multipart one.")
        }
        let bytes = try await body.collect()
        guard bytes.readableBytesView.count(where: { $0 == UInt8(ascii: "&") }) < Self.formFieldLimit else {
            throw HTTPError(.contentTooLarge, "Expected at most \(Self.formFieldLimit) fields.")
        }
        let form = Form(bytes)
        guard form.pairs.allSatisfy({ $0.name.utf8.count <= Form.nameLimit }) else {
            throw HTTPError(.badRequest, "Expected names of at most \(Form.nameLimit) bytes.")
        }
        return form
    }

    /// Decodes the fields of an urlencoded body.
    ///
    /// - Parameter type: A type with a property for each field.
    /// - Returns: The decoded value.
    /// - Throws: 400 with the name of the field that does not fit, and the errors of `form()`.
    public func form<Value: Decodable>(as type: Value.Type) async throws -> Value {
        try await form().decode(type)
    }
}
