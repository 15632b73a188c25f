import NIOPosix

/// Runs code that blocks its thread on a thread pool, and gives back what it returns or throws.
///
/// A handler shares its thread with all connections of its event loop, so that whatever waits without `await` (a
/// database library without `async`, a slow disk) or computes for long belongs in here:
/// `let rows = try await blocking { database.query("…") }`.
public func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
}
