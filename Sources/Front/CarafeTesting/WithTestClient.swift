public import CarafeApp

/// Runs `body` with a client of an app in memory, and stops the app's extensions afterwards.
///
/// - Returns: The result of `body`.
/// - Throws: The error of `body`, else that of an extension at its end.
public func withTestClient<Value: Sendable>(
    _ app: App, isSecure: Bool = false, _ body: (TestClient) async throws -> Value
) async throws -> Value {
    let client = try TestClient(app, isSecure: isSecure)
    do {
        let value = try await body(client)
        try await client.stop()
        return value
    } catch {
        try? await client.stop()
        throw error
    }
}
