/// What one request did to a session.
struct SessionEdits: Sendable, Equatable {
    /// The new values as JSON; nil stands for one that was removed.
    var values: [String: String?] = [:]
    var takenFlashes: [Flash] = []
    var newFlashes: [Flash] = []

    /// Does the same to a session that another request may have changed: of a value that both changed, the later one
    /// counts.
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

/// One change of a session, on its way to the store or the cookie.
struct SessionChange: Sendable {
    /// The session as the request sees it.
    var data: SessionData
    var edits: SessionEdits
    /// Whether a store has it already.
    var isStored: Bool
    var isCleared: Bool
    /// The id by which a store still knows it.
    var oldID: String?

    /// Whether nothing is left of it.
    var isEnd: Bool { isCleared && data.values.isEmpty && data.flashes.isEmpty }
}
