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
        /// Whether only the connection that wants the claim tells it, since the engine may refuse it.
        var isExclusive = false
        /// Whether the engine has ended the claim during the call, before it or after.
        var isDoubtful = false

        // During a call the engine may know either claim.
        var isSettled: Bool { !isBeingTold && knowledge == .known(wanted) }
        var isUnused: Bool { isSettled && wanted == .none }
    }

    private var entries: [[UInt8]: Entry] = [:]
    /// The names with a claim of which the engine does not know, without exclusive ones.
    private(set) var unsettled: Set<[UInt8]> = []
    /// The tasks that wait for the end of a call.
    var waiting = ContinuationQueue<Never>()

    var isEmpty: Bool { entries.isEmpty }

    func isBeingTold(_ name: [UInt8]) -> Bool { entries[name]?.isBeingTold ?? false }

    private mutating func edit(_ name: [UInt8], _ body: (inout Entry) -> Void) {
        guard var entry = entries[name] else { return }
        body(&entry)
        if entry.isSettled { entry.isExclusive = false }
        entries[name] = entry.isUnused ? nil : entry
        if entry.isSettled || entry.isExclusive { unsettled.remove(name) } else { unsettled.insert(name) }
    }

    /// Notes the claim that the node wants.
    ///
    /// - Parameter isExclusive: Whether the claim is told by `beginTelling` with `isExclusive` only.
    mutating func want(_ claim: EngineClaim, on name: [UInt8], isExclusive: Bool = false) {
        if entries[name] == nil { entries[name] = Entry(wanted: claim) }
        edit(name) { entry in
            entry.wanted = claim
            entry.isExclusive = claim == .connected && (entry.isExclusive || isExclusive)
        }
    }

    /// Begins a call; nil if the engine knows the claim, or another call has not ended.
    ///
    /// - Parameter isExclusive: Whether the caller is the connection that wants the claim.
    mutating func beginTelling(_ name: [UInt8], isExclusive: Bool = false) -> EngineClaim? {
        guard let entry = entries[name], !entry.isBeingTold, !entry.isSettled, isExclusive || !entry.isExclusive else {
            return nil
        }
        edit(name) { entry in
            entry.isBeingTold = true
            entry.isExclusive = false
        }
        return entry.wanted
    }

    /// Ends a call.
    ///
    /// - Returns: The tasks that waited for it.
    mutating func endTelling(
        _ name: [UInt8], _ claim: EngineClaim, isKnown: Bool
    ) -> [UnsafeContinuation<Void, Never>] {
        edit(name) { entry in
            entry.knowledge = isKnown && !entry.isDoubtful ? .known(claim) : .unknown
            entry.isBeingTold = false
            entry.isDoubtful = false
        }
        return waiting.removeAll()
    }

    /// The engine has ended all claims of this node.
    mutating func loseAll() {
        for name in Array(entries.keys) { lose(name) }
    }

    /// The engine has ended the claim on a name.
    mutating func lose(_ name: [UInt8]) {
        edit(name) { entry in
            if entry.isBeingTold { entry.isDoubtful = true } else { entry.knowledge = .known(.none) }
        }
    }
}
