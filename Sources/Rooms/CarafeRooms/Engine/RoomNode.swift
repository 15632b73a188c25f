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

    private struct Use {
        let storage: RoomStorage
        var last: NIODeadline
        /// The newest entry of this node whose hint has not come.
        var awaited: RoomPosition?
    }

    private struct State {
        /// The rooms that are used here, by name.
        var uses: [String: Use] = [:]
        var isStarted = false
        var check: Scheduled<Void>?
    }

    let engine: any RoomEngine
    private let state = Mutex(State())

    init(_ engine: any RoomEngine) {
        self.engine = engine
    }

    private var eventLoop: any EventLoop { engine.executor.eventLoop }

    // MARK: Its life

    /// Begins to receive the engine's events; a second call does nothing.
    func start() {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { return }
        engine.start { [weak self] event in self?.receive(event) }
        scheduleCheck()
    }

    func stop() async {
        state.withLock { state in
            state.check?.cancel()
            state.check = nil
            state.uses = [:]
        }
        await engine.stop()
    }

    // MARK: Rooms

    /// Notes that a room is used, and so gets the engine's events.
    func use(_ storage: RoomStorage, named name: String) {
        start()
        let now = eventLoop.now
        state.withLock { $0.uses[name, default: Use(storage: storage, last: now)].last = now }
    }

    private var used: [RoomStorage] { state.withLock { $0.uses.values.map(\.storage) } }

    // MARK: Events

    private func receive(_ event: EngineEvent) {
        switch event {
        case .appended(let page, let name):
            guard let storage = state.withLock({ $0.uses[name]?.storage }) else { return }
            storage.update { $0.take(.hint(page)) }
            storage.link?.follow(storage)
        case .connected: compareEnds()
        case .disconnected: break
        case .claimsLost:
            for storage in used { storage.update { $0.claims.loseAll() } }
            tellClaims()
        }
    }

    private func tellClaims() {
        for storage in used {
            for name in storage.update({ $0.claims.unsettled }) { storage.link?.tellLater(name, of: storage) }
        }
    }

    // MARK: Checks

    private func scheduleCheck() {
        // With a jitter of a fifth: nodes that were started together do not ask together.
        let jitter = Int64.random(in: 0...Self.checkInterval.nanoseconds / 5)
        let task = eventLoop.scheduleTask(in: Self.checkInterval + .nanoseconds(jitter)) { [weak self] in
            guard let self else { return }
            forgetUnused()
            compareEnds()
            scheduleCheck()
        }
        state.withLock { $0.check = task }
    }

    /// Compares the ends of all copies with the engine's, and tells the claims that it may not know.
    private func compareEnds() {
        tellClaims()
        let rooms = used.compactMap { storage in
            storage.update { $0.copy.steps.isOpen } ? storage.link.map { (storage, $0) } : nil
        }
        if rooms.isEmpty { return }
        Task.immediate(executorPreference: engine.executor) { [engine] in
            // Without an answer the next check finds the missing entries.
            guard let ends = try? await engine.ends(of: rooms.map(\.1.room)) else { return }
            for ((storage, link), end) in zip(rooms, ends) {
                storage.update { $0.take(.end(end, askedAt: $0.log.position)) }
                link.follow(storage)
            }
        }
    }

    /// Reads the engine soon, unless the copy has an entry of this node by then.
    func checkSoon(_ storage: RoomStorage, named name: String, for position: RoomPosition) {
        let isFirst = state.withLock { state in
            defer { state.uses[name]?.awaited = position }
            return state.uses[name].map { $0.awaited == nil } ?? false
        }
        guard isFirst else { return }
        eventLoop.scheduleTask(in: Self.hintLimit) { [self] in
            let awaited = state.withLock { state in
                defer { state.uses[name]?.awaited = nil }
                return state.uses[name]?.awaited
            }
            guard let awaited, storage.update({ $0.stepNeeded(for: .after(awaited)) }) != nil else { return }
            storage.link?.follow(storage)
        }
    }

    /// Forgets the copies of rooms that nobody has used for long.
    private func forgetUnused() {
        let now = eventLoop.now
        state.withLock { state in
            // Under the lock: a room that is used again later is opened again.
            for (name, use) in state.uses where use.last + Self.idleLimit < now {
                guard use.storage.update({ $0.forgetCopy() }) else { continue }
                state.uses[name] = nil
                if let room = use.storage.link?.room { engine.close(room) }
            }
        }
    }
}
