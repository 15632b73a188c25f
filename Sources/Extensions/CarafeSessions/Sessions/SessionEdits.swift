/// The changes of one request to a session.
struct SessionEdits: Sendable, Equatable {
    /// The new values as JSON; nil for a value that was removed.
    var values: [String: String?] = [:]
    var takenFlashes: [Flash] = []
    var newFlashes: [Flash] = []

    /// Applies the changes to a session that another request may have changed. If both changed a value, the later one
    /// wins.
    func apply(to data: inout SessionData) {
        for (name, text) in values { data.values[name] = text }
        for flash in takenFlashes {
            if let index = data.flashes.firstIndex(of: flash) { data.flashes.remove(at: index) }
        }
        data.flashes += newFlashes
    }

    func followed(by later: SessionEdits) -> SessionEdits {
        SessionEdits(
            values: values.merging(later.values) { $1 }, takenFlashes: takenFlashes + later.takenFlashes,
            newFlashes: newFlashes + later.newFlashes)
    }
}

/// A change of a session, on its way to the store or the cookie.
struct SessionChange: Sendable {
    /// The session as the request sees it.
    var data: SessionData
    var edits: SessionEdits
    /// Whether the store contains it already.
    var isStored: Bool
    var isCleared: Bool
    /// The id under which the store still has it.
    var oldID: String?

    /// Whether the session was cleared and is empty.
    var isEnd: Bool { isCleared && data.values.isEmpty && data.flashes.isEmpty }
}
