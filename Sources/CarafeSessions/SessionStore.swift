public import NIOCore

/// Keeps sessions on the server; the client's cookie holds the id alone.
public protocol SessionStore: Sendable {
    /// What was kept under an id, unless its time is over.
    func load(_ id: String) async throws -> ByteBuffer?

    /// Keeps bytes under an id for so long.
    func save(_ id: String, _ bytes: ByteBuffer, for time: TimeAmount) async throws

    /// Forgets an id.
    func remove(_ id: String) async throws
}
