public import CarafeApp
import FoundationEssentials
import HTTPTypes
public import NIOCore

/// Remembers clients from request to request: signed cookies, or a store on the server.
///
/// ```swift
/// try app.install(Sessions(secret: secret))
/// app.post("/login") { request in
///     let session = try request.session
///     session.renew()
///     session["user"] = "Ann"
///     return redirect("/")
/// }
/// ```
///
/// The session belongs to a WebSocket's handshake too; what a socket changes after that reaches a store with `keep`.
/// In templates `{{ session("user") }}` is a text of the session, and `flashes()` the messages left for this page.
public struct Sessions: Extension {
    /// The cookie's name: `session`.
    public var cookieName = "session"

    /// How long a session lasts without a request: 14 days.
    public var idleTime = TimeAmount.hours(14 * 24)

    /// How long it lasts at all: 90 days.
    public var lifetime = TimeAmount.hours(90 * 24)

    let store: (any SessionStore)?
    let secrets: [String]
    private let signer: Signer
    private let now: @Sendable () -> Int

    /// Sessions in a cookie, or in a store.
    ///
    /// Throws `WeakSecret` for one of less than 32 bytes: `openssl rand -base64 32` makes a good one. Keep it out of the
    /// source, and the same over restarts.
    public init(secret: String, store: (any SessionStore)? = nil) throws {
        try self.init(secrets: [secret], store: store)
    }

    /// To change the secret, put the new one first and keep the old one behind it until its sessions have ended.
    public init(secrets: [String], store: (any SessionStore)? = nil) throws {
        try self.init(secrets: secrets, store: store) { Int(Date().timeIntervalSince1970) }
    }

    init(secrets: [String], store: (any SessionStore)?, now: @escaping @Sendable () -> Int) throws {
        guard let shortest = secrets.map(\.utf8.count).min(), shortest >= WeakSecret.limit else {
            throw WeakSecret(count: secrets.map(\.utf8.count).min() ?? 0)
        }
        self.secrets = secrets
        self.store = store
        self.now = now
        signer = Signer(secrets: secrets, purpose: store == nil ? "carafe cookie session" : "carafe session id")
    }

    public func install(in app: inout App) {
        app.use { [self] request, next in
            var request = request
            let slot = try await open(request)
            request.values[SessionSlot.self] = slot
            var response = try await next(request)
            try await finish(slot, &response)
            return response
        }
        app.templateFunctions["flashes"] = { request, _ in try request.session.takeFlashes() }
        app.templateFunctions["session"] = { request, names in
            let text: String? = try request.session[names.first ?? ""]
            return text ?? ""
        }
    }

    // MARK: One request

    private func open(_ request: Request) async throws -> SessionSlot {
        guard let cookie = request.cookie(cookieName) else { return SessionSlot(self) { nil } }
        guard let store else { return SessionSlot(self) { [self] in signer.open(cookie).flatMap(decode) } }
        // Before the handler runs, which can then use it without waiting.
        let bytes: ByteBuffer? =
            if let id = signer.open(cookie) { try await store.load(String(decoding: id, as: UTF8.self)) } else { nil }
        return SessionSlot(self) { [self] in bytes.flatMap { decode(Data($0.readableBytesView)) } }
    }

    private func decode(_ bytes: Data) -> SessionData? {
        guard let data = try? JSONDecoder().decode(SessionData.self, from: bytes) else { return nil }
        let time = now()
        // A clock that was put back leaves sessions of the future; one that was far off makes none that last for years.
        let isAlive =
            time - data.kept < seconds(idleTime) && time - data.created < seconds(lifetime)
            && data.kept <= time + 86_400
        return isAlive ? data : nil
    }

    func makeSession(_ data: SessionData?) -> Session { Session(data, now: now) }

    private func finish(_ slot: SessionSlot, _ response: inout Response) async throws {
        guard let session = slot.opened else { return }
        response.headers.append(HTTPField(name: .vary, value: "Cookie"))
        guard let cookie = try await keep(session) else { return }
        response.setCookie(cookie)
        // RFC 9111 §5.2.2.7: what is for one client is not for a cache that others share.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "private" }
    }

    /// Keeps what was changed; gives the cookie that the client needs for it.
    private func keep(_ session: Session) async throws -> Cookie? {
        // A session in use is kept long before it would end.
        switch try session.takeChange(refreshes: seconds(idleTime) / 8) {
        case .nothing: return nil
        case .drop(let id):
            try await store?.remove(id)
            return Cookie(cookieName, "", maxAge: 0)
        case .keep(let data, let old):
            let bytes = try JSONEncoder().encode(data)
            guard let store else { return try makeCookie(signer.sign(bytes), data) }
            if let old { try await store.remove(old) }
            try await store.save(data.id, ByteBuffer(bytes: bytes), for: idleTime)
            return try makeCookie(signer.sign(Data(data.id.utf8)), data)
        }
    }

    private func makeCookie(_ value: String, _ data: SessionData) throws -> Cookie {
        let cookie = Cookie(cookieName, value, maxAge: seconds(idleTime))
        // RFC 6265 §6.1: what every browser keeps.
        guard cookie.field.utf8.count + "; Secure".utf8.count <= 4096 else {
            throw SessionTooLarge(names: data.values.keys.sorted())
        }
        return cookie
    }

    /// Saves what a WebSocket or a streamed body has changed after its answer went out; only with a store.
    func keepLate(_ session: Session) async throws {
        guard store != nil else { throw SessionIsInCookie() }
        _ = try await keep(session)
    }

    private func seconds(_ time: TimeAmount) -> Int { Int(time.nanoseconds / 1_000_000_000) }
}
