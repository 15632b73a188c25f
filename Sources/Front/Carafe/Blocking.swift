import NIOPosix

/// Runs code that blocks its thread, on a thread pool.
///
/// A handler shares its thread with all connections of its event loop. Use this for code that waits without `await` (a
/// database library without `async`, a slow disk) or computes for long: `let rows = try await blocking {
/// database.query("…") }`.
///
/// - Parameter body: The code.
/// - Returns: The result of the code.
/// - Throws: The error of the code.
public func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
}
