public import CarafeApp
import CarafeHTTP
import CarafeRuntime

/// The place of one request's session, which is opened on first use.
final class SessionSlot: Sendable {
    let sessions: Sessions
    /// The request's entry among the open sessions.
    let entry: OpenSessions.Entry
    private let session = Lazily<Session>()
    /// The value of the client's cookie.
    private let cookie: String?

    init(_ sessions: Sessions, cookie: String?) {
        self.sessions = sessions
        self.cookie = cookie
        entry = OpenSessions.Entry(in: sessions.openSessions)
    }

    /// The session, if anybody has asked for it.
    var opened: Session? { session.value }

    func open() async throws -> Session {
        if let opened { return opened }
        let data = try await sessions.load(cookie, for: entry)
        // Two tasks of the request may have asked at once; they share what came first.
        return session.get {
            let opened = sessions.makeSession(data)
            // An entry that `load` has made stays: a renewal may have moved it meanwhile.
            if data == nil { sessions.openSessions.enter(entry, opened.id) }
            return opened
        }
    }

    /// Returns the body, which ends with the session.
    func limited(_ body: ResponseBody, on executor: EventLoopExecutor) -> ResponseBody {
        guard case .stream(let produce) = body else { return body }
        return .stream { [self] writer in
            let making = Task(executorPreference: executor) { try await produce(writer) }
            let watch = entry.admission.onEnd { making.cancel() }
            defer { entry.admission.forget(watch) }
            do {
                try await withTaskCancellationHandler {
                    try await making.value
                } onCancel: {
                    making.cancel()
                }
            } catch  where entry.admission.isOver {}
        }
    }
}

extension Request {
    /// The client's session, or a new one if it has none.
    ///
    /// The store, if there is one, is asked on the first use in a request.
    ///
    /// - Throws: `MissingExtensionError` without `Sessions`, and the error of the store in loading the session.
    public var session: Session {
        get async throws { try await sessionSlot.open() }
    }

    /// The session for a template function, which cannot wait. Its preparation has opened it.
    var openedSession: Session {
        get throws {
            guard let session = try sessionSlot.opened else { throw SessionError.notLoaded }
            return session
        }
    }

    private var sessionSlot: SessionSlot {
        get throws {
            guard let slot = values[SessionSlot.self] else { throw MissingExtensionError(name: "Sessions") }
            return slot
        }
    }

    /// Saves changes that were made after the response was sent: in a WebSocket, or in a streamed body.
    ///
    /// Throws `SessionError.cookieSent` where there is no store: the cookie has been sent with the answer.
    public func keepSession() async throws {
        let slot = try sessionSlot
        if let session = slot.opened { try await slot.sessions.keepLate(session) }
    }
}
