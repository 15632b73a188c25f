public import CarafeHTTP
public import HTTPTypes

extension Response {
    /// A value as JSON, encoded at once; a long one that a handler returns by itself is encoded on another thread.
    public init(_ status: HTTPResponse.Status = .ok, json value: some Encodable, coders: JSONCoders = .standard) throws
    {
        self.init(status, headers: Self.json, body: .bytes(try coders.encode(value)))
    }

    /// The response for a value that a handler returned, as JSON.
    ///
    /// A long value is encoded on another thread: `JSONEncoder` takes half a second for 10 MiB, and lets nobody else
    /// have their turn meanwhile. The task waits for it, so that nobody else has the value either.
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
