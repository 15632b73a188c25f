public import NIOCore

/// Keeps sessions on the server; the client's cookie holds the id alone.
///
/// `request.session` waits for the store without a limit: a store over a network sets its own timeouts.
public protocol SessionStore: Sendable {
    /// What was kept under an id, unless its time is over.
    func load(_ id: String) async throws -> ByteBuffer?

    /// Keeps bytes under an id for so long.
    func save(_ id: String, _ bytes: ByteBuffer, for time: TimeAmount) async throws

    /// Forgets an id.
    func remove(_ id: String) async throws

    /// Changes the bytes under an id, so that of two requests at once which change different values both count.
    ///
    /// The default loads, changes and saves. `Sessions` lets one task of a process do that for an id at a time; a store
    /// that several processes share does it in a transaction of its own, or the later of two changes in the same moment
    /// counts.
    ///
    /// - Parameters:
    ///   - id: The session's id.
    ///   - time: How long the new bytes are kept.
    ///   - change: Gets the kept bytes, or nil, and gives the new ones; nil leaves the old ones as they are.
    func update(
        _ id: String, for time: TimeAmount, _ change: @escaping @Sendable (ByteBuffer?) throws -> ByteBuffer?
    ) async throws
}

extension SessionStore {
    /// Loads, changes and saves.
    public func update(
        _ id: String, for time: TimeAmount, _ change: @escaping @Sendable (ByteBuffer?) throws -> ByteBuffer?
    ) async throws {
        if let bytes = try change(try await load(id)) { try await save(id, bytes, for: time) }
    }
}
