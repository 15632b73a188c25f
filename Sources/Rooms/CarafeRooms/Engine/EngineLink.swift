import CarafeRuntime
import NIOCore

/// The link of a node's room to its engine: it brings the copy of the log in line, and tells the engine the claims.
struct EngineLink: Sendable {
    let engine: any RoomEngine
    let room: EngineRoom
    let node: RoomNode

    // MARK: The copy

    /// Waits until a subscriber can begin at a place: until there is a copy, and one that has the place.
    func prepare(_ storage: RoomStorage, for start: RoomStart) async throws(RoomError) {
        node.use(storage, named: room.name)
        guard let step = storage.update({ $0.stepNeeded(for: start) }) else { return }
        while true {
            let (succeeded, failed) = storage.update { ($0.copy.steps.succeeded, $0.copy.steps.failed) }
            if succeeded >= step { return }
            if failed >= step || Task.isCancelled { throw .unavailable }
            follow(storage)
            await storage.wait(in: \.copy.steps.waiting) { !$0.copy.steps.isReading || $0.copy.steps.hasEnded(step) }
        }
    }

    /// Takes the steps that the copy needs, if no other task takes one.
    func follow(_ storage: RoomStorage) {
        guard let step = storage.update({ $0.copy.steps.begin() }) else { return }
        Task.immediate(executorPreference: engine.executor) {
            var step = step
            while await take(step, of: storage), let next = storage.update({ $0.copy.steps.begin() }) { step = next }
        }
    }

    /// Takes a step; returns whether it succeeded.
    private func take(_ step: CopySteps.Step, of storage: RoomStorage) async -> Bool {
        do {
            switch step {
            case .open:
                let opening = try await readAll()
                storage.update { $0.take(.opening(opening)) }
            case .read:
                let last = storage.update { $0.log.position.offset }
                let page = try await engine.read(room, after: last)
                storage.update { $0.take(.page(page)) }
            }
            return true
        } catch {
            storage.update { $0.take(.failure) }
            return false
        }
    }

    /// Reads the log from its oldest entry to the end that it had at the beginning.
    private func readAll() async throws(RoomError) -> EngineOpening {
        var opening = try await engine.open(room)
        let end = opening.page.end
        while let last = opening.page.entries.last?.offset, last < end.offset {
            let page = try await engine.read(room, after: last)
            // The line and the names are those of another log.
            if page.end.epoch != end.epoch { return try await readAll() }
            // In the meantime the log has dropped all that was read.
            if page.entries.first?.offset != last + 1 { opening.page.entries = [] }
            opening.page.entries += page.entries.prefix { $0.offset <= end.offset }
        }
        return opening
    }

    // MARK: Publishing

    func append(
        _ post: RoomPost, key: IdempotencyKeys.Key?, to storage: RoomStorage
    ) async throws(RoomError) -> RoomPosition {
        let position = try await engine.append(post, key: key, to: room)
        if storage.update({ $0.copy.steps.isOpen && !$0.copy.covers(.after(position), in: $0.log) }) {
            // The hint may be on its way, or lost.
            node.checkSoon(storage, named: room.name, for: position)
        }
        return position
    }

    // MARK: Claims

    /// Tells the engine the claim on a connected name.
    ///
    /// - Throws: For an exclusive claim only: a shared name is told again once the engine can be reached.
    func claim(_ name: [UInt8], isExclusive: Bool, in storage: RoomStorage) async throws(RoomError) {
        node.use(storage, named: room.name)
        while storage.update({ $0.claims.isBeingTold(name) }) {
            await storage.wait(in: \.claims.waiting) { !$0.claims.isBeingTold(name) }
            guard Task.isCancelled else { continue }
            if isExclusive { throw .unavailable }
            return
        }
        guard let claim = storage.update({ $0.claims.beginTelling(name, isExclusive: isExclusive) }) else { return }
        do {
            try await tell(claim, on: name, isExclusive: isExclusive && claim == .connected, of: storage)
            tellLater(name, of: storage)
        } catch {
            if isExclusive { throw error }
        }
    }

    /// Tells the engine the claim on a name, if it does not know it; nobody waits for that.
    func tellLater(_ name: [UInt8], of storage: RoomStorage) {
        guard let claim = storage.update({ $0.claims.beginTelling(name) }) else { return }
        Task.immediate(executorPreference: engine.executor) {
            var claim = claim
            // A failure leaves the claim unsettled, and it is told again.
            while (try? await tell(claim, on: name, of: storage)) != nil,
                let next = storage.update({ $0.claims.beginTelling(name) })
            { claim = next }
        }
    }

    private func tell(
        _ claim: EngineClaim, on name: [UInt8], isExclusive: Bool = false, of storage: RoomStorage
    ) async throws(RoomError) {
        do {
            try await engine.claim(name, as: claim, isExclusive: isExclusive, in: room)
            storage.update { $0.endTelling(name, claim, isKnown: true) }
        } catch {
            storage.update { $0.endTelling(name, claim, isKnown: false) }
            throw error
        }
    }
}
