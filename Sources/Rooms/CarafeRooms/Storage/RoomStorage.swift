import CarafeApp
import CarafeRuntime
import NIOCore
import Synchronization

/// A room without the type of its messages: the state, its lock, and the tasks that wait for it.
final class RoomStorage: Sendable {
    let names: MemberNames
    let policy: SlowMemberPolicy
    /// Whether subscribers of the room's route get the names of the members.
    let hasPresence: Bool
    let epoch: String
    /// The maximum size of the history, in bytes.
    let historyLimit: Int
    private let state: Mutex<RoomState>
    private let removalCount = Atomic<UInt64>(0)

    init(_ options: RoomOptions, policy: SlowMemberPolicy, isJSON: Bool) {
        names = MemberNames(limit: options.limits.nameLimit)
        self.policy = policy
        hasPresence = options.presence != nil
        historyLimit = options.history.byteLimit
        var backpressure = PublisherBackpressure(atMost: nil)
        if case .hold(let time) = policy { backpressure = PublisherBackpressure(atMost: TimeAmount(time)) }
        let state = RoomState(options, isJSON: isJSON, backpressure: backpressure)
        epoch = state.engine.epoch
        self.state = Mutex(state)
    }

    /// Reads or changes the state under the lock, and then wakes shards and tasks. There is no other way to the state.
    // Inlined: it costs no more than the lock.
    @inline(__always)
    func update<Value: Sendable, Failure: Error>(
        _ body: (inout RoomState) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let (value, wakes) = try state.withLock { state throws(Failure) in
            let value = try body(&state)
            let wakes = state.wakes
            if !wakes.isEmpty { state.wakes = Wakes() }
            return (value, wakes)
        }
        if !wakes.isEmpty { wakes.perform() }
        return value
    }

    var snapshot: RoomSnapshot { snapshot { _ in } }

    func finish() -> RoomSnapshot { snapshot { $0.finish() } }

    /// Makes the snapshot outside of the lock: it may be large.
    private func snapshot(after step: (inout RoomState) -> Void) -> RoomSnapshot {
        let (engine, now) = update { state in
            step(&state)
            return (state.engine, state.now)
        }
        return engine.snapshot(at: now)
    }

    func shard(of executor: EventLoopExecutor) -> RoomShard {
        let (shard, unwatched) = update { $0.shard(of: executor, in: self) }
        for name in unwatched { depart(name, by: .restored, on: executor.eventLoop) }
        return shard
    }

    // MARK: Tasks that wait

    /// Waits while slow subscribers hold the publishers; a cancelled task goes on at once.
    func waitForSlowMembers() async {
        guard case .hold = policy else { return }
        while !Task.isCancelled, update({ $0.holdsPublishers }) {
            if let hold = update({ $0.beginHold() }) {
                hold.eventLoop.scheduleTask(in: hold.time) { self.update { $0.release(hold.generation) } }
            }
            await wait(in: \.backpressure.publishers) { !$0.holdsPublishers }
        }
    }

    /// Waits for an entry; a cancelled task goes on at once.
    func waitForEntry(_ ticket: UInt64) async {
        await wait(in: \.entryReaders.waiting) { $0.hasEntries(for: ticket) }
    }

    private func wait(
        in queue: any WritableKeyPath<RoomState, ContinuationQueue<Never>> & Sendable,
        unless isDone: @Sendable (RoomState) -> Bool
    ) async {
        let ticket = update { $0[keyPath: queue].makeTicket() }
        await withTaskCancellationHandler {
            // Unsafe: the continuation leaves the queue once, under the lock, and is then resumed.
            await withUnsafeContinuation { continuation in
                let goesOn = update { state in
                    // In the lock: a cancellation after it finds the continuation.
                    if isDone(state) || Task.isCancelled { return true }
                    state[keyPath: queue].add(continuation, ticket: ticket)
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            update { $0[keyPath: queue].remove(ticket: ticket) }?.resume()
        }
    }

    // MARK: Presence

    /// The number of removals: a client that was permitted to join before the last may be the removed one.
    var removals: UInt64 { removalCount.load(ordering: .sequentiallyConsistent) }

    /// Ends all connections of a name, which leaves with the last of them.
    func remove(_ name: String) {
        let name = Array(name.utf8)
        // Before the shards look: a subscriber that is added to one later sees it.
        removalCount.add(1, ordering: .sequentiallyConsistent)
        for shard in update({ $0.remove(name) }) {
            // A shard does not keep its room alive.
            shard.executor.eventLoop.execute { [self] in withExtendedLifetime(self) { shard.end(name) } }
        }
    }

    /// The names of the members as JSON, with presence. It is made outside of the lock: there may be many.
    var list: ByteBuffer? {
        guard hasPresence else { return nil }
        let (known, roster, changes) = update { ($0.list, $0.roster, $0.changes) }
        if let known { return known }
        let made = roster.list
        update { $0.keepList(made, of: changes) }
        return made
    }

    /// Counts a connection of a name, which must have no other unless it is shared.
    func connect(_ name: String, isShared: Bool = false) throws(RoomError) {
        try names.validate(name)
        let bytes = Array(name.utf8)
        try update { state throws(RoomError) in
            guard isShared || !state.roster.isConnected(bytes) else { throw .nameInUse(name) }
            state.connect(bytes)
        }
    }

    /// Ends a connection of a name; the event loop looks after the grace whether there is another.
    func disconnect(_ name: [UInt8], on eventLoop: any EventLoop) {
        depart(name, by: .disconnected, on: eventLoop)
    }

    private func depart(_ name: [UInt8], by step: Departure, on eventLoop: any EventLoop) {
        guard case .mayReturn(let time) = update({ $0.depart(name, by: step) }) else { return }
        eventLoop.scheduleTask(in: time) { self.depart(name, by: .graceEnded, on: eventLoop) }
    }

    /// Throws the error that `connect` would throw now for a name that is not shared.
    func requireAvailable(name: String) throws(RoomError) {
        try names.validate(name)
        let bytes = Array(name.utf8)
        if update({ $0.roster.isConnected(bytes) }) { throw .nameInUse(name) }
    }
}
