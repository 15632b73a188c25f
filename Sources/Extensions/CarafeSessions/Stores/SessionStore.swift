public import NIOCore

/// A store that keeps sessions on the server. The client's cookie holds the id only.
///
/// `request.session` waits for the store without a limit: a store over a network sets its own timeouts. An id consists
/// of ASCII letters, digits, `-` and `_`.
public protocol SessionStore: Sendable {
    /// Loads the bytes of a session.
    ///
    /// - Parameter id: The session's id.
    /// - Returns: The bytes, or nil if there are none or their time is over.
    func load(_ id: String) async throws -> ByteBuffer?

    /// Saves the bytes of a session.
    ///
    /// - Parameters:
    ///   - id: The session's id.
    ///   - bytes: The new bytes, which replace the old ones.
    ///   - time: The time for which they are kept.
    func save(_ id: String, _ bytes: ByteBuffer, for time: Duration) async throws

    /// Removes a session, if it exists.
    func remove(_ id: String) async throws

    /// Changes the bytes of a session, so that two concurrent requests can both change different values.
    ///
    /// The default implementation loads, changes and saves. `Sessions` lets one task of a process do that for an id at
    /// a time. A store that several processes share does it in a transaction, or the later of two concurrent changes
    /// wins.
    ///
    /// - Parameters:
    ///   - id: The session's id.
    ///   - time: The time for which the new bytes are kept.
    ///   - change: Gets the current bytes, or nil, and returns the new ones, or nil to keep the current ones.
    func update(
        _ id: String, for time: Duration, _ change: @escaping @Sendable (ByteBuffer?) throws -> ByteBuffer?
    ) async throws

    /// Returns those of these sessions that the store does not have.
    ///
    /// `Sessions` asks it every 5 seconds for the sessions of open sockets, streams and polls, which then end if
    /// another process has removed their session. The default implementation returns none, as is right for the store of
    /// one process.
    ///
    /// - Parameter ids: The ids of sessions that were saved.
    func missing(among ids: [String]) async throws -> [String]
}

extension SessionStore {
    /// Returns none.
    public func missing(among ids: [String]) -> [String] { [] }

    /// Loads, changes and saves.
    ///
    /// - Throws: The errors of `change`, `load` and `save`.
    public func update(
        _ id: String, for time: Duration, _ change: @escaping @Sendable (ByteBuffer?) throws -> ByteBuffer?
    ) async throws {
        if let bytes = try change(try await load(id)) { try await save(id, bytes, for: time) }
    }
}
