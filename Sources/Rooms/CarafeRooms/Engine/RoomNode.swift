import CarafeRuntime
import NIOCore
import Synchronization

/// This process among those that share an engine: the rooms that are used here, and the events of the engine.
final class RoomNode: Sendable {
    /// The time after which the ends of all logs are compared.
    private static let checkInterval = TimeAmount.seconds(5)
    /// The time after which a room that nobody uses is forgotten.
    private static let idleLimit = TimeAmount.minutes(1)
    /// The time within which a hint at an entry of this node is expected.
    private static let hintLimit = TimeAmount.milliseconds(100)

    private enum Life {
        case new
        case running(nextCheck: Scheduled<Void>)
        case stopped
    }

    private struct Use {
        let storage: RoomStorage
        /// The last time at which the room was known to be used.
        var last: NIODeadline
        /// The newest entry of this node whose hint has not come.
        var awaited: RoomPosition?
    }

    let engine: any RoomEngine
    private let life = Mutex(Life.new)
    /// The rooms that are used here, by name.
    private let uses = Mutex<[String: Use]>([:])

    init(_ engine: any RoomEngine) {
        self.engine = engine
    }

    private var eventLoop: any EventLoop { engine.executor.eventLoop }

    // MARK: Its life

    /// Begins to receive the engine's events; a second call does nothing.
    func start() {
        life.withLock { life in
            guard case .new = life else { return }
            // In the lock: another thread does not use the engine before. An event needs other locks only.
            engine.start { [weak self] event in self?.receive(event) }
            life = .running(nextCheck: scheduleCheck())
        }
    }

    func stop() async {
        life.withLock { life in
            if case .running(let nextCheck) = life { nextCheck.cancel() }
            life = .stopped
        }
        uses.withLock { $0 = [:] }
        await engine.stop()
    }

    // MARK: Rooms

    /// Notes that a room is used, and so gets the engine's events.
    func use(_ storage: RoomStorage, named name: String) {
        start()
        let now = eventLoop.now
        uses.withLock { $0[name, default: Use(storage: storage, last: now)].last = now }
    }

    // MARK: Events

    private func receive(_ event: EngineEvent) {
        switch event {
        case .appended(let page, let name):
            guard let storage = uses.withLock({ $0[name]?.storage }) else { return }
            take(.hint(page), into: storage)
        case .connected: compareEnds()
        case .disconnected: break
        case .claimsLost:
            let used = uses.withLock { $0.values.map(\.storage) }
            for storage in used { storage.update { $0.claims.loseAll() } }
            tellClaims(of: used)
        }
    }

    /// Takes an event into the copy of a room, and then the steps that the copy needs.
    private func take(_ event: RoomCopy.Event, into storage: RoomStorage) {
        let isStepNeeded = storage.update { state in
            state.take(event)
            return state.copy.steps.isNeeded
        }
        if isStepNeeded { storage.link?.follow(storage) }
    }

    private func tellClaims(of rooms: [RoomStorage]) {
        for storage in rooms {
            for name in storage.update({ $0.claims.unsettled }) { storage.link?.tellLater(name, of: storage) }
        }
    }

    // MARK: Checks

    private func scheduleCheck() -> Scheduled<Void> {
        // With a jitter of a fifth: nodes that were started together do not ask together.
        let jitter = Int64.random(in: 0...Self.checkInterval.nanoseconds / 5)
        return eventLoop.scheduleTask(in: Self.checkInterval + .nanoseconds(jitter)) { [weak self] in self?.check() }
    }

    private func check() {
        forgetUnused()
        compareEnds()
        life.withLock { if case .running = $0 { $0 = .running(nextCheck: scheduleCheck()) } }
    }

    /// Compares the ends of all copies with the engine's, and tells the claims that it may not know.
    ///
    /// There may be many rooms, and most are silent: each is looked at once before the call and once after it.
    private func compareEnds() {
        var copies: [(storage: RoomStorage, end: RoomPosition)] = []
        var claiming: [RoomStorage] = []
        uses.withLock { uses in
            for use in uses.values {
                let (end, isSettled) = use.storage.update { state in
                    (state.copy.steps.isOpen ? state.log.position : nil, state.claims.unsettled.isEmpty)
                }
                if let end { copies.append((use.storage, end)) }
                if !isSettled { claiming.append(use.storage) }
            }
        }
        tellClaims(of: claiming)
        if copies.isEmpty { return }
        Task.immediate(executorPreference: engine.executor) { [self, copies] in
            // Without an answer the next check finds the missing entries.
            guard let ends = try? await engine.ends(of: copies.compactMap { $0.storage.link?.room }) else { return }
            for (copy, end) in zip(copies, ends) { take(.end(end, askedAt: copy.end), into: copy.storage) }
        }
    }

    /// Reads the engine soon, unless the copy has an entry of this node by then.
    func checkSoon(_ storage: RoomStorage, named name: String, for position: RoomPosition) {
        let isFirst = uses.withLock { uses in
            defer { uses[name]?.awaited = position }
            return uses[name].map { $0.awaited == nil } ?? false
        }
        guard isFirst else { return }
        eventLoop.scheduleTask(in: Self.hintLimit) { [self] in
            let awaited = uses.withLock { uses in
                defer { uses[name]?.awaited = nil }
                return uses[name]?.awaited
            }
            guard let awaited, storage.update({ $0.stepNeeded(for: .after(awaited)) }) != nil else { return }
            storage.link?.follow(storage)
        }
    }

    /// Forgets the copies of rooms that nobody has used for long.
    private func forgetUnused() {
        let now = eventLoop.now
        uses.withLock { uses in
            for index in uses.values.indices where uses.values[index].storage.update({ $0.usesCopy }) {
                uses.values[index].last = now
            }
            // Under the lock: a room that is used again later is opened again.
            for (name, use) in uses where use.last + Self.idleLimit < now {
                guard use.storage.update({ $0.forgetCopy() }) else { continue }
                uses[name] = nil
                if let room = use.storage.link?.room { engine.close(room) }
            }
        }
    }
}
