public import CarafeApp
import CarafeHTTP
import FoundationEssentials
import HTTPTypes
import NIOCore
import Synchronization

/// Remembers clients from request to request, in signed cookies or in a store on the server.
///
/// ```swift
/// try app.install(Sessions(secret: secret))
/// app.post("/login") { request in
///     let session = try await request.session
///     session.renew()
///     session["user"] = "Ann"
///     return redirect("/")
/// }
/// ```
///
/// If two concurrent requests change different values, a store keeps both changes; a cookie is that of the later
/// response. The store is asked when `request.session` is, and its errors are thrown there: a route that does not use
/// the session does not depend on the store.
///
/// The handshake of a WebSocket has the session too. A change that the socket makes later reaches a store by
/// `request.keepSession()`. The end of a session, by `clear()`, ends the sockets (1008), the endless streams and the
/// waiting polls of rooms whose requests have used it; in other processes that share the store within 5 seconds. In
/// templates `{{ session("user") }}` is a value of the session, and `flashes()` the messages left for this page.
public struct Sessions: Extension {
    /// The cookie's name: `session`.
    public var cookieName = "session"

    /// The time after which a session ends without a request: 14 days.
    public var idleTime = Duration.days(14)

    /// The longest time that a session lasts: 90 days.
    public var lifetime = Duration.days(90)

    let store: (any SessionStore)?
    let secrets: [String]
    private let signer: Signer
    private let locks = SessionLocks()
    let openSessions = OpenSessions()
    private let check: StoreCheck?
    private let now: @Sendable () -> Int

    /// Creates sessions in a cookie, or in a store.
    ///
    /// - Parameters:
    ///   - secret: The secret that signs the cookie, at least 32 bytes: `openssl rand -base64 32` makes a good one.
    ///     Keep it out of the source, and keep it over restarts.
    ///   - store: The store of the sessions' values; nil keeps them in the cookie.
    /// - Throws: `SessionError.weakSecret` for a secret of less than 32 bytes.
    public init(secret: String, store: (any SessionStore)? = nil) throws {
        try self.init(secrets: [secret], store: store)
    }

    /// Creates sessions with several secrets. To change the secret, put the new one first, and keep the old one behind
    /// it until its sessions have ended.
    ///
    /// - Parameters:
    ///   - secrets: The secrets, the present one first.
    ///   - store: The store of the sessions' values; nil keeps them in the cookie.
    /// - Throws: `SessionError.weakSecret` for a secret of less than 32 bytes, and for an empty list.
    public init(secrets: [String], store: (any SessionStore)? = nil) throws {
        try self.init(secrets: secrets, store: store) { Int(Date().timeIntervalSince1970) }
    }

    init(secrets: [String], store: (any SessionStore)?, now: @escaping @Sendable () -> Int) throws {
        guard let shortest = secrets.map(\.utf8.count).min(), shortest >= SessionError.secretLimit else {
            throw SessionError.weakSecret(byteCount: secrets.map(\.utf8.count).min() ?? 0)
        }
        self.secrets = secrets
        self.store = store
        self.now = now
        check = store.map { [openSessions] in StoreCheck($0, openSessions) }
        signer = Signer(secrets: secrets, purpose: store == nil ? "carafe cookie session" : "carafe session id")
    }

    /// Adds a middleware that saves sessions, and the template functions `session` and `flashes`.
    public func install(in app: inout App) {
        app.use { [self] request, next in
            var request = request
            let slot = SessionSlot(self, cookie: request.cookie(cookieName))
            request.values[SessionSlot.self] = slot
            request.values[Admission.self] = slot.entry.admission
            check?.keepChecking(on: request.connection.executor)
            var response = try await next(request)
            try await finish(slot, &response)
            if response.isEndless, slot.opened != nil {
                response.body = slot.limited(response.body, on: request.connection.executor)
            }
            return response
        }
        app.templateFunctions["flashes"] = { request, _ in try request.openedSession.takeFlashes() }
        app.templateFunctions["session"] = { request, names in
            let text: String? = try request.openedSession[names.first ?? ""]
            return text ?? ""
        }
        for name in ["flashes", "session"] { app.templatePreparations[name] = Self.open }
    }

    // MARK: One request

    /// Loads the session before a page whose template uses it.
    static let open: TemplatePreparation = { request in _ = try await request.session }

    /// Loads the session of a cookie. It returns nil without a cookie, and for one that is forged or has ended.
    func load(_ cookie: String?, for entry: OpenSessions.Entry) async throws -> SessionData? {
        guard let cookie, let content = signer.open(cookie) else { return nil }
        guard let store else {
            let data = decode(content)
            if let data { openSessions.enter(entry, data.id) }
            return data
        }
        let id = String(decoding: content, as: UTF8.self)
        // Before the store is asked: a logout that this load does not see finds the entry.
        openSessions.enter(entry, id)
        guard let data = try await store.load(id).flatMap({ decode(Data($0.readableBytesView)) }) else { return nil }
        openSessions.noteStored(id)
        return data
    }

    private func decode(_ bytes: Data) -> SessionData? {
        guard let data = try? JSONDecoder().decode(SessionData.self, from: bytes) else { return nil }
        let time = now()
        // A clock that was set back leaves sessions of the future; a clock that was far ahead makes none that last for
        // years.
        let isAlive =
            time - data.kept < idleTime.wholeSeconds && time - data.created < lifetime.wholeSeconds
            && data.kept <= time + 86_400
        return isAlive ? data : nil
    }

    func makeSession(_ data: SessionData?) -> Session { Session(data, now: now) }

    private func finish(_ slot: SessionSlot, _ response: inout Response) async throws {
        guard let session = slot.opened else { return }
        response.addVary(.cookie)
        if let cookie = try await keep(session) { try response.setCookie(cookie) }
        // A page made from a session, such as one with its token, is for one client at this time.
        if response.upgrade == nil { response.limitCaching(isPrivate: true) }
    }

    /// Saves the changes.
    ///
    /// - Returns: The cookie that the client needs, if any.
    private func keep(_ session: Session) async throws -> Cookie? {
        // A session in use is saved long before it would end.
        guard let change = try session.takeChange(refreshes: idleTime.wholeSeconds / 8) else { return nil }
        do {
            if change.isEnd {
                try await store?.remove(change.oldID ?? change.data.id)
                noteEnd(change)
                return Cookie(cookieName, "", maxAge: .zero)
            }
            guard let store else {
                let cookie = try makeCookie(signer.sign(JSONEncoder().encode(change.data)), change.data)
                noteEnd(change)
                return cookie
            }
            guard let data = try await save(change, in: store) else { return nil }
            noteEnd(change)
            openSessions.noteStored(data.id)
            return try makeCookie(signer.sign(Data(data.id.utf8)), data)
        } catch {
            session.putBack(change)
            throw error
        }
    }

    /// Ends the sockets and streams of a cleared session, and moves those of a renewed one to its new id.
    private func noteEnd(_ change: SessionChange) {
        guard let old = change.oldID else { return }
        if change.isCleared { openSessions.end(old) } else { openSessions.move(old, to: change.data.id) }
    }

    /// Saves a change in the store.
    ///
    /// - Returns: The saved session, or nil if it has ended meanwhile, such as by a logout in another window.
    private func save(_ change: SessionChange, in store: any SessionStore) async throws -> SessionData? {
        try await locks.withLock(of: change.oldID ?? change.data.id) {
            if let old = change.oldID {
                var data = change.data
                if change.isStored, let kept = try await store.load(old).flatMap({ decode(Data($0.readableBytesView)) })
                {
                    (data.values, data.flashes) = (kept.values, kept.flashes)
                    change.edits.apply(to: &data)
                }
                try await store.save(data.id, try Self.bytes(of: data), for: idleTime)
                try await store.remove(old)
                return data
            }
            guard change.isStored else {
                try await store.save(change.data.id, try Self.bytes(of: change.data), for: idleTime)
                return change.data
            }
            let saved = Mutex<SessionData?>(nil)
            try await store.update(change.data.id, for: idleTime) { [self] bytes in
                guard var data = bytes.flatMap({ decode(Data($0.readableBytesView)) }) else { return nil }
                change.edits.apply(to: &data)
                data.kept = change.data.kept
                saved.withLock { [data] in $0 = data }
                return try Self.bytes(of: data)
            }
            return saved.withLock { $0 }
        }
    }

    private static func bytes(of data: SessionData) throws -> ByteBuffer {
        ByteBuffer(bytes: try JSONEncoder().encode(data))
    }

    private func makeCookie(_ value: String, _ data: SessionData) throws -> Cookie {
        let cookie = Cookie(cookieName, value, maxAge: idleTime)
        // RFC 6265 §6.1: the size that every browser keeps.
        guard cookie.field.utf8.count + "; Secure".utf8.count <= 4096 else {
            throw SessionError.tooLarge(names: data.values.keys.sorted())
        }
        return cookie
    }

    /// Saves the changes of a WebSocket or a streamed body after the response was sent, which needs a store.
    func keepLate(_ session: Session) async throws {
        guard store != nil else { throw SessionError.cookieSent }
        _ = try await keep(session)
    }

}
