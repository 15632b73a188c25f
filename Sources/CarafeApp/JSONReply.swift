import CarafeHTTP
import HTTPTypes

extension Response {
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
