import FoundationEssentials
import Synchronization

/// The values that an app keeps for one client from request to request.
///
/// ```swift
/// let session = try await request.session
/// session["visits", default: 0] += 1
/// session.flash("Welcome back.")
/// ```
///
/// Values are kept as JSON by name. The client can read those of a cookie session, and cannot change them.
public final class Session: Sendable {
    private struct State {
        var data: SessionData
        /// The changes of this request, for a store in which another request may have changed the session meanwhile.
        var edits = SessionEdits()
        /// Whether the client has to get a cookie for it.
        var isChanged = false
        var isCleared = false
        /// Whether the store contains it.
        var isStored: Bool
        /// The id under which the store still has it.
        var oldID: String?
        /// The error of a value that could not be encoded. It is thrown when the session is saved.
        var fault: (any Error)?
    }

    private let state: Mutex<State>
    /// Whether the client had no session before this request.
    let isNew: Bool
    private let now: @Sendable () -> Int

    init(_ data: SessionData?, now: @escaping @Sendable () -> Int) {
        state = Mutex(State(data: data ?? SessionData(at: now()), isStored: data != nil))
        isNew = data == nil
        self.now = now
    }

    /// The value of a name. It is nil if there is no value, or one of another type. Setting nil removes it.
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

    /// A value without a type, which does not compile: the compiler has to know the type.
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

    /// The value of a name, or `fallback` if there is no value.
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

    /// Removes all values, as at a logout. The client's cookie is removed too, unless another value is set afterwards.
    public func clear() {
        change { state in
            state.oldID = state.oldID ?? state.data.id
            state.data = SessionData(at: now())
            state.edits = SessionEdits()
            state.isStored = false
            state.isCleared = true
        }
    }

    /// Changes the id of the session, and keeps its values.
    ///
    /// Call it at a login, so that an id that somebody else knew before becomes worthless.
    public func renew() {
        change { state in
            state.oldID = state.oldID ?? state.data.id
            state.data.id = SessionData.makeID()
        }
    }

    // MARK: Flashes

    /// Leaves a message for the next page that shows messages.
    ///
    /// - Parameters:
    ///   - text: The message.
    ///   - category: The kind of message, such as a CSS class.
    public func flash(_ text: String, category: String = "message") {
        change { state in
            state.data.flashes.append(Flash(text, category: category))
            state.edits.newFlashes.append(Flash(text, category: category))
        }
    }

    /// Takes the messages that were left, oldest first. Each is returned once.
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

    /// The id: unguessable, unique, and changed by `renew()` and `clear()`.
    public var id: String { state.withLock { $0.data.id } }

    /// Makes sure that the client gets this session, even if nothing is set in it.
    func establish() {
        if isNew { change { _ in } }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            state.isChanged = true
        }
    }

    /// Takes the change to save, or nil if there is none.
    ///
    /// The change counts as saved from here on; `putBack(_:)` undoes that.
    ///
    /// - Parameter refreshes: The number of seconds after which a session is saved even without a change.
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

    /// Keeps a change that could not be saved, so that it is saved with the next one.
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
