public import CarafeApp

/// Gives a client of an app in memory to `body`, and ends what the app's extensions hold open afterwards.
///
/// - Throws: What the body throws, else what an extension throws at its end.
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
