import CarafeRuntime

/// The claims of a node on names in one room of an engine: those that it wants, and those of which the engine knows.
///
/// Each name has one call at a time, so that the engine gets its claims in order. A claim that changes back before its
/// call is not told at all.
struct ClaimTable: Sendable {
    /// A claim as the engine knows it.
    private enum Knowledge: Equatable {
        case known(EngineClaim)
        /// A call has failed, and the engine may know either claim.
        case unknown
    }

    private struct Entry {
        var wanted: EngineClaim
        var knowledge = Knowledge.known(.none)
        var isBeingTold = false
        /// Whether the engine has ended the claim during the call, before it or after.
        var isDoubtful = false

        var isSettled: Bool { knowledge == .known(wanted) }
    }

    private var entries: [[UInt8]: Entry] = [:]
    /// The tasks that wait for the end of a call.
    var waiting = ContinuationQueue<Never>()

    var isEmpty: Bool { entries.isEmpty }

    func isBeingTold(_ name: [UInt8]) -> Bool { entries[name]?.isBeingTold ?? false }

    mutating func want(_ claim: EngineClaim, on name: [UInt8]) {
        entries[name, default: Entry(wanted: claim)].wanted = claim
        forgetIfUnused(name)
    }

    /// Begins a call; nil if the engine knows the claim, or another call has not ended.
    mutating func beginTelling(_ name: [UInt8]) -> EngineClaim? {
        guard let entry = entries[name], !entry.isBeingTold, !entry.isSettled else { return nil }
        entries[name]?.isBeingTold = true
        return entry.wanted
    }

    /// The names with a claim of which the engine does not know.
    var unsettled: [[UInt8]] { entries.compactMap { $0.value.isSettled ? nil : $0.key } }

    /// Ends a call.
    ///
    /// - Returns: The tasks that waited for it.
    mutating func endTelling(
        _ name: [UInt8], _ claim: EngineClaim, isKnown: Bool
    ) -> [UnsafeContinuation<Void, Never>] {
        guard var entry = entries[name] else { return [] }
        entry.knowledge = isKnown && !entry.isDoubtful ? .known(claim) : .unknown
        entry.isBeingTold = false
        entry.isDoubtful = false
        entries[name] = entry
        forgetIfUnused(name)
        return waiting.removeAll()
    }

    /// The engine has ended all claims of this node.
    mutating func loseAll() {
        for name in Array(entries.keys) { lose(name) }
    }

    /// The engine has ended the claim on a name.
    mutating func lose(_ name: [UInt8]) {
        guard var entry = entries[name] else { return }
        if entry.isBeingTold { entry.isDoubtful = true } else { entry.knowledge = .known(.none) }
        entries[name] = entry
        forgetIfUnused(name)
    }

    private mutating func forgetIfUnused(_ name: [UInt8]) {
        guard let entry = entries[name], !entry.isBeingTold, entry.wanted == .none, entry.isSettled else { return }
        entries[name] = nil
    }
}
