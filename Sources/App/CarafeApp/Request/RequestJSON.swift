public import CarafeHTTP
import HTTPTypes

extension Request {
    /// Decodes the body from JSON, by the app's coders.
    ///
    /// A body without a `Content-Type` is read as JSON, unless a page of another site sends it. JSON of the wrong shape
    /// is 400 and not 422: to the client both are the same fault, a body that it has to correct.
    ///
    /// - Parameter type: The type of the value.
    /// - Returns: The decoded value.
    /// - Throws: 415 for a `Content-Type` other than JSON, such as that of a form; 400 with the place of the fault; 413
    ///   past the limit.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self) async throws -> Value {
        try checkJSON()
        let bytes = try await body.collect()
        do {
            return try context.json.decode(type, from: bytes)
        } catch let error as DecodingError {
            throw HTTPError(.badRequest, error.explanation)
        }
    }

    /// Throws if the body may be a forgery. A page of another site can send a form, plain text, and bytes without a
    /// type, and its browser does not ask first; JSON it cannot send (Fetch, "CORS-safelisted request-header" and
    /// "extract a body").
    private func checkJSON() throws {
        let word: String
        if let field = headers[.contentType] {
            let found = ParameterizedValue(field[...]).value
            if MediaType.isJSON(found) { return }
            word = MediaType.isReadable(found) ? found : "another"
        } else {
            if OriginPolicy.sameHost.allows(origin: headers[.origin], host: host) { return }
            word = "none from a page of another origin"
        }
        // RFC 9110 §15.5.16: the response may say which types are accepted.
        throw HTTPError(
            .unsupportedMediaType, "Expected Content-Type: application/json, found \(word).",
            headers: [.accept: "application/json"])
    }
}
