public import CarafeHTTP
public import HTTPTypes

extension Response {
    /// Creates a response with a value as JSON, encoded at once. A long value that a handler returns directly is
    /// encoded on another thread instead.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - value: The value.
    ///   - coders: The coders; in a handler `request.context.json` are those of the app.
    /// - Throws: `EncodingError`.
    public init(_ status: HTTPResponse.Status = .ok, json value: some Encodable, coders: JSONCoders = .standard) throws
    {
        self.init(status, headers: Self.json, body: .bytes(try coders.encode(value)))
    }

    /// Returns the response for a value that a handler returned.
    ///
    /// A long value is encoded on another thread: `JSONEncoder` takes half a second for 10 MiB, and would block the
    /// event loop meanwhile. The task waits, so that nothing else accesses the value.
    static func encoding(
        _ value: some Encodable, _ status: HTTPResponse.Status = .ok, coders: JSONCoders
    ) async throws -> Response {
        guard JSONLength.isPastLimit(value, for: coders) else {
            return try Response(status, json: value, coders: coders)
        }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try Response(status, json: value, coders: coders)
        }
    }
}
