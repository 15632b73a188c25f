import FoundationEssentials
import Synchronization

/// What the app remembers of one client from request to request.
///
/// ```swift
/// let session = try await request.session
/// session["visits", default: 0] += 1
/// session.flash("Welcome back.")
/// ```
///
/// Values are kept as JSON under their names. The client can read those of a cookie session, and cannot change them.
public final class Session: Sendable {
    private struct State {
        var data: SessionData
        /// The changes of this request, for a store whose copy another request may have changed meanwhile.
        var edits = SessionEdits()
        /// Whether the client has to be told of it.
        var isChanged = false
        var isCleared = false
        /// Whether a store knows it.
        var isStored: Bool
        /// The id by which a store still knows it.
        var oldID: String?
        /// A value that could not be encoded; thrown when the session is kept.
        var fault: (any Error)?
    }

    private let state: Mutex<State>
    /// Whether the client has none yet.
    let isNew: Bool
    private let now: @Sendable () -> Int

    init(_ data: SessionData?, now: @escaping @Sendable () -> Int) {
        state = Mutex(State(data: data ?? SessionData(at: now()), isStored: data != nil))
        isNew = data == nil
        self.now = now
    }

    /// The value of a name; nil without one, and where it is of another type. Setting nil removes it.
    public subscript<Value: Codable>(name: String) -> Value? {
        get {
            state.withLock { $0.data.values[name] }.flatMap {
                try? JSONDecoder().decode(Value.self, from: Data($0.utf8))
            }
        }
        set {
            do {
                let text = try newValue.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
                set(text, for: name)
            } catch {
                state.withLock { $0.fault = SessionError.unencodableValue(name: name, problem: "\(error)") }
            }
        }
    }

    /// A value without a type; the compiler has to know which.
    @available(
        *, unavailable,
        message: """
            say which type the value has: `let name: String? = session["name"]`, or `session["count", default: 0]`; \
            `session.remove("name")` removes one
            """
    )
    @_disfavoredOverload
    public subscript(name: String) -> Any? {
        get { nil }
        set {}
    }

    /// The value of a name, or `fallback` without one.
    public subscript<Value: Codable>(name: String, default fallback: @autoclosure () -> Value) -> Value {
        get { self[name] ?? fallback() }
        set { self[name] = newValue }
    }

    /// Whether there is a value of this name.
    public func contains(_ name: String) -> Bool { state.withLock { $0.data.values[name] != nil } }

    /// Removes a value.
    public func remove(_ name: String) {
        set(nil, for: name)
    }

    private func set(_ text: String?, for name: String) {
        change { state in
            state.data.values[name] = text
            state.edits.values[name] = .some(text)
        }
    }

    /// Forgets everything, as at a logout; the client's cookie goes too, unless something is set again.
    public func clear() {
        change { state in
            state.oldID = state.oldID ?? state.data.id
            state.data = SessionData(at: now())
            state.edits = SessionEdits()
            state.isStored = false
            state.isCleared = true
        }
    }

    /// Gives the session a new id, and keeps what it holds: call it at a login, so that an id that somebody else knew
    /// before is worth nothing afterwards.
    public func renew() {
        change { state in
            state.oldID = state.oldID ?? state.data.id
            state.data.id = SessionData.makeID()
        }
    }

    // MARK: Flashes

    /// Leaves a message for the next page that shows some.
    public func flash(_ text: String, category: String = "message") {
        change { state in
            state.data.flashes.append(Flash(text, category: category))
            state.edits.newFlashes.append(Flash(text, category: category))
        }
    }

    /// The messages that were left, oldest first; each is given once.
    public func takeFlashes() -> [Flash] {
        state.withLock { state in
            guard !state.data.flashes.isEmpty else { return [] }
            let flashes = state.data.flashes
            state.edits.takenFlashes += flashes.dropLast(state.edits.newFlashes.count)
            state.edits.newFlashes = []
            state.data.flashes = []
            state.isChanged = true
            return flashes
        }
    }

    // MARK: Keeping

    /// What no other session has, and nobody can guess; it changes with `renew` and `clear`.
    public var id: String { state.withLock { $0.data.id } }

    /// Sees to it that the client gets this session, even if nothing is set in it.
    func establish() {
        if isNew { change { _ in } }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            state.isChanged = true
        }
    }

    /// The change to keep; nil without one. `refreshes` is after how many seconds that is done without a change
    /// too.
    ///
    /// It is taken for kept from here on; `putBack` says that it was not.
    func takeChange(refreshes: Int) throws -> SessionChange? {
        let time = now()
        return try state.withLock { state in
            if let fault = state.fault { throw fault }
            let isStale = !isNew && time - state.data.kept >= refreshes
            guard state.isChanged || isStale else { return nil }
            state.data.kept = time
            let change = SessionChange(
                data: state.data, edits: state.edits, isStored: state.isStored, isCleared: state.isCleared,
                oldID: state.oldID)
            state.edits = SessionEdits()
            state.isChanged = false
            state.isCleared = false
            state.isStored = true
            state.oldID = nil
            return change
        }
    }

    /// What could not be kept is tried again with the next change.
    func putBack(_ change: SessionChange) {
        state.withLock { state in
            state.edits = change.edits.followed(by: state.edits)
            state.isChanged = true
            state.isCleared = state.isCleared || change.isCleared
            state.isStored = change.isStored && !state.isCleared
            state.oldID = change.oldID ?? state.oldID
        }
    }
}
