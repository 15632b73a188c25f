public import CarafeApp
import Synchronization

/// Where the session of one request is, once somebody has asked for it.
final class SessionSlot: Sendable {
    let sessions: Sessions
    private let session = Mutex<Session?>(nil)
    private let load: @Sendable () throws -> SessionData?

    init(_ sessions: Sessions, load: @escaping @Sendable () throws -> SessionData?) {
        self.sessions = sessions
        self.load = load
    }

    /// The session, if anybody has asked for it.
    var opened: Session? { session.withLock { $0 } }

    func open() throws -> Session {
        try session.withLock { session in
            if let session { return session }
            let opened = sessions.makeSession(try load())
            session = opened
            return opened
        }
    }
}

extension Request {
    /// The client's session, a new one if it has none.
    ///
    /// - Throws: `MissingExtension` without `Sessions`, and what the store threw when it was to load the session.
    public var session: Session {
        get throws {
            guard let slot = values[SessionSlot.self] else { throw MissingExtension(name: "Sessions") }
            return try slot.open()
        }
    }

    /// Saves what was changed in the session after the answer went out: in a WebSocket, or in a streamed body.
    ///
    /// Throws `SessionIsInCookie` where there is no store: the cookie has been sent with the answer.
    public func keepSession() async throws {
        guard let slot = values[SessionSlot.self] else { throw MissingExtension(name: "Sessions") }
        if let session = slot.opened { try await slot.sessions.keepLate(session) }
    }
}
