import NIOCore

/// A node's copy of a room in an engine: it brings the room's log and members in line with those of the engine.
struct RoomCopy: Sendable {
    /// An event of the engine.
    enum Event: Sendable {
        /// New entries; hints may be lost, late or doubled.
        case hint(EnginePage)
        /// The end of the log, after the node has asked for it when the copy was at a position.
        case end(RoomPosition, askedAt: RoomPosition)
        /// The result of a step that reads the whole log.
        case opening(EngineOpening)
        /// The result of a step that reads the entries after the end of the copy.
        case page(EnginePage)
        /// The failure of a step.
        case failure
    }

    var steps = CopySteps()

    /// Takes an event.
    ///
    /// - Parameters:
    ///   - log: The room's log, which gets the new entries.
    ///   - members: The room's members, which get the names and their changes.
    /// - Returns: The members whose connections to this node are to be ended.
    mutating func take(
        _ event: Event, into log: inout RoomLog, _ members: inout RoomMembers, at now: NIODeadline
    ) -> [Wakes.Removal] {
        switch event {
        case .hint(let hint):
            return steps.hear(hint) ? follow(hint, &log, &members, at: now) : []
        case .end(let end, let asked):
            if steps.isOpen, !isInLine(with: end, askedAt: asked, log) { steps.need(.read) }
            return []
        case .opening(let opening):
            let removals = copy(opening, &log, &members, at: now)
            return removals + endStep(&log, &members, at: now)
        case .page(let page):
            let (next, removals) = append(page, &log, &members, at: now)
            guard let next else { return removals + endStep(&log, &members, at: now) }
            steps.extend(by: next)
            return removals
        case .failure:
            steps.fail()
            return []
        }
    }

    // MARK: Positions

    /// Whether a subscriber can begin here without a look at the engine: the copy has its position, or knows that the
    /// log has gone on without it.
    func covers(_ start: RoomStart, in log: RoomLog) -> Bool {
        guard steps.isOpen, case .after(let position) = start, let epoch = position.epoch else { return steps.isOpen }
        if epoch == log.line.epoch { return position.offset <= log.position.offset }
        return log.line.earlier.contains { $0.name == epoch }
    }

    /// Asks for a step if a subscriber cannot begin yet.
    ///
    /// - Returns: The number of the step; nil if the subscriber can begin.
    mutating func stepNeeded(for start: RoomStart, in log: RoomLog) -> UInt64? {
        if covers(start, in: log) { return nil }
        steps.need(.read)
        // A step that is being taken may have read too early.
        return steps.begun + 1
    }

    private func isInLine(with end: RoomPosition, askedAt position: RoomPosition, _ log: RoomLog) -> Bool {
        if position == log.position { return end == position }
        // The copy has gone on in the meantime, so that it may be past this end.
        return end.epoch != nil && covers(.after(end), in: log)
    }

    // MARK: Entries

    private mutating func follow(
        _ hint: EnginePage, _ log: inout RoomLog, _ members: inout RoomMembers, at now: NIODeadline
    ) -> [Wakes.Removal] {
        guard hint.end.epoch == log.line.epoch else {
            steps.need(.read)
            return []
        }
        let (isWhole, removals) = append(hint.entries, &log, &members, at: now)
        if !isWhole || log.position.offset < hint.end.offset { steps.need(.read) }
        return removals
    }

    private mutating func endStep(
        _ log: inout RoomLog, _ members: inout RoomMembers, at now: NIODeadline
    ) -> [Wakes.Removal] {
        var removals: [Wakes.Removal] = []
        for hint in steps.end() { removals += follow(hint, &log, &members, at: now) }
        return removals
    }

    private func copy(
        _ opening: EngineOpening, _ log: inout RoomLog, _ members: inout RoomMembers, at now: NIODeadline
    ) -> [Wakes.Removal] {
        let last = log.position.offset
        var visible = opening
        visible.page.entries = self.visible(opening.page.entries, members)
        members.copy(opening.names)
        let isGap = log.copy(visible, at: now)
        // Nobody was connected before the first copy.
        if !steps.isOpen { return [] }
        // A removal may be among the lost entries: members with a name come back, and are admitted or not.
        if isGap { return [.all] }
        return opening.page.entries.compactMap { $0.offset > last ? $0.post.removal : nil }
    }

    /// Appends the entries after the end of the copy; returns the step that has to follow, if any.
    private func append(
        _ page: EnginePage, _ log: inout RoomLog, _ members: inout RoomMembers, at now: NIODeadline
    ) -> (next: CopySteps.Step?, removals: [Wakes.Removal]) {
        guard page.end.epoch == log.line.epoch else { return (.open, []) }
        let (isWhole, removals) = append(page.entries, &log, &members, at: now)
        let last = log.position.offset
        guard isWhole, page.end.offset == last || page.end.offset > last && !page.entries.isEmpty else {
            return (.open, removals)
        }
        return (page.end.offset > last ? .read : nil, removals)
    }

    /// Appends entries that follow; returns whether they do.
    private func append(
        _ entries: [EngineEntry], _ log: inout RoomLog, _ members: inout RoomMembers, at now: NIODeadline
    ) -> (isWhole: Bool, removals: [Wakes.Removal]) {
        let first = log.position.offset
        let isWhole = log.append(visible(entries, members), at: now)
        let last = log.position.offset
        var removals: [Wakes.Removal] = []
        for entry in entries where entry.offset > first && entry.offset <= last {
            if case .change(let change) = entry.post.kind { members.copy(change) }
            if let removal = entry.post.removal { removals.append(removal) }
        }
        return (isWhole, removals)
    }

    /// Hides the changes of members from the subscribers of a room without presence.
    private func visible(_ entries: [EngineEntry], _ members: RoomMembers) -> [EngineEntry] {
        if members.hasPresence || !entries.contains(where: \.post.isChange) { return entries }
        return entries.map { entry in
            var entry = entry
            if entry.post.isChange { entry.post.audience = [] }
            return entry
        }
    }
}

extension RoomPost {
    /// The removal that the entry is.
    fileprivate var removal: Wakes.Removal? {
        switch kind {
        case .removal(let name): .one(name)
        // One may be among the lost entries.
        case .break: .all
        case .message, .change: nil
        }
    }
}
