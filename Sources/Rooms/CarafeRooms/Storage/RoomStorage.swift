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
    /// The maximum size of the history, in bytes.
    let historyLimit: Int
    /// The engine that has the room; nil for a room in memory.
    let link: EngineLink?
    private let state: Mutex<RoomState>
    private let removalCount = Atomic<UInt64>(0)

    init(_ options: RoomOptions, policy: SlowMemberPolicy, isJSON: Bool, link: EngineLink? = nil) {
        names = MemberNames(limit: options.limits.nameLimit)
        self.policy = policy
        self.link = link
        hasPresence = options.presence != nil
        historyLimit = options.history.byteLimit
        var backpressure = PublisherBackpressure(atMost: nil)
        if case .hold(let time) = policy { backpressure = PublisherBackpressure(atMost: TimeAmount(time)) }
        state = Mutex(RoomState(options, isJSON: isJSON, isCopy: link != nil, backpressure: backpressure))
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
        if !wakes.isEmpty { wakes.perform(in: self) }
        return value
    }

    /// Whether the room has neither entries nor members nor readers.
    var isUnused: Bool { update { $0.isUnused } }

    /// The epoch of the log.
    var epoch: String { update { $0.log.line.epoch } }

    func shard(of executor: EventLoopExecutor) -> RoomShard { update { $0.shard(of: executor, in: self) } }

    /// Returns the position of a cursor's offset.
    func position(of offset: UInt64) -> RoomPosition { update { $0.log.position(of: offset) } }

    // MARK: Publishing

    /// Appends a post; with the key of an earlier one it appends nothing, and returns the position of that one.
    ///
    /// - Throws: `RoomError.nobody`, and `.unavailable` if the engine cannot be reached.
    func publish(_ post: RoomPost, key: IdempotencyKeys.Key?) async throws(RoomError) -> RoomPosition {
        if let link { return try await link.append(post, key: key, to: self) }
        return try update { state throws(RoomError) in try state.publish(post, key: key) }
    }

    // MARK: The copy

    /// Waits until a subscriber can begin here; in memory it always can.
    ///
    /// - Throws: `RoomError.unavailable` if the engine cannot be reached.
    // Keeps the frames of waiting tasks small, as `claim`: CarafeRuntime's README.
    @inline(never)
    func prepare(for start: RoomStart) async throws(RoomError) {
        if let link { try await link.prepare(self, for: start) }
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

    /// Waits in a queue until its owner resumes it; a cancelled task goes on at once.
    func wait(
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
    ///
    /// - Throws: `RoomError.unavailable` if the engine cannot be reached.
    func remove(_ name: [UInt8]) async throws(RoomError) {
        if let link { return try await link.engine.remove(name, from: link.room) }
        update { state in
            _ = state.depart(name, by: .removed)
            state.wakes.removals.append(.one(name))
        }
    }

    /// Ends connections in this process.
    func endConnections(of removal: Wakes.Removal) {
        // Before the shards look: a subscriber that is added to one later sees it.
        removalCount.add(1, ordering: .sequentiallyConsistent)
        for shard in update({ $0.shards.all }) {
            // A shard does not keep its room alive.
            shard.executor.eventLoop.execute { [self] in withExtendedLifetime(self) { shard.end(removal) } }
        }
    }

    /// The names of the members as JSON, with presence. It is made outside of the lock: there may be many.
    var list: ByteBuffer? {
        guard hasPresence else { return nil }
        let members = update { $0.members }
        if let known = members.list { return known }
        let made = members.makeList()
        update { $0.keepList(made, of: members.changes) }
        return made
    }

    /// Counts a connection of a name, which must have no other in this process unless it is shared.
    ///
    /// In an engine's room the name has to be claimed then.
    func connect(_ name: [UInt8], isShared: Bool) throws(RoomError) {
        try update { state throws(RoomError) in try state.connect(name, isShared: isShared) }
    }

    /// Claims a connected name for this node, in an engine's room.
    ///
    /// - Throws: For an exclusive claim `RoomError.nameInUse`, and `.unavailable` if the engine cannot be reached.
    @inline(never)
    func claim(_ name: [UInt8]?, isExclusive: Bool = false) async throws(RoomError) {
        if let link, let name { try await link.claim(name, isExclusive: isExclusive, in: self) }
    }

    /// Ends a connection of a name; the event loop looks after the grace whether there is another.
    func disconnect(_ name: [UInt8], on eventLoop: any EventLoop) {
        depart(name, by: .disconnected, on: eventLoop)
    }

    private func depart(_ name: [UInt8], by step: Departure, on eventLoop: any EventLoop) {
        let outcome = update { $0.depart(name, by: step) }
        link?.tellLater(name, of: self)
        guard case .mayReturn(let time) = outcome else { return }
        eventLoop.scheduleTask(in: time) { self.depart(name, by: .graceEnded, on: eventLoop) }
    }

    /// Throws the error that `connect` would throw now for a name that is not shared.
    func requireAvailable(name: String) async throws(RoomError) {
        try names.validate(name)
        try await prepare(for: .now)
        let bytes = Array(name.utf8)
        let isInUse = update { $0.members.areCopied ? $0.members.contains(bytes) : $0.members.isConnected(bytes) }
        if isInUse { throw .nameInUse(name) }
    }
}
