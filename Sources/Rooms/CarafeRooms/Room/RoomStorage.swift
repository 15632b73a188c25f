import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import NIOCore
import Synchronization

/// A room without the type of its messages: the log, the names, and a group for each event loop.
final class RoomStorage: Sendable {
    /// The most characters (Unicode scalars) in a member's name.
    let nameLimit: Int
    let policy: SlowMemberPolicy
    private let grace: TimeAmount?
    let epoch: String
    /// Bytes that the history may hold.
    let historyLimit: Int
    private let state: Mutex<RoomState>
    private let removalCount = Atomic<UInt64>(0)

    init(_ options: RoomOptions, policy: SlowMemberPolicy, isJSON: Bool) {
        nameLimit = options.nameLimit
        self.policy = policy
        grace = options.presence?.grace
        historyLimit = options.history.byteCount
        var hold = PublisherBackpressure(atMost: nil)
        if case .hold(let time) = policy { hold = PublisherBackpressure(atMost: time) }
        let state = RoomState(options, isJSON: isJSON, hold: hold)
        epoch = state.log.epoch
        self.state = Mutex(state)
    }

    var position: RoomPosition { state.withLock { $0.log.position } }

    var snapshot: RoomSnapshot { state.withLock { $0 }.snapshot }

    func finish() -> RoomSnapshot {
        state.withLock { state in
            state.finish()
            return state
        }.snapshot
    }

    // MARK: Publishing

    /// Adds a message to the log, and wakes each loop that has members once. With the key of an earlier call it adds
    /// nothing, and gives the position of that. Throws `RoomError.nobody` when none of those it is for is there.
    @discardableResult
    func publish(_ post: RoomPost, key: IdempotencyKeys.Key? = nil) throws(RoomError) -> RoomPosition {
        let (position, woken) = try state.withLock { state throws(RoomError) in try state.publish(post, key: key) }
        woken.wake()
        return position
    }

    /// Where the post of this key is, if it was one.
    func position(of key: IdempotencyKeys.Key) -> RoomPosition? { state.withLock { $0.position(of: key) } }

    /// Counts a message of a member; gives in how many seconds there is room for one, when there is none.
    func takeRate(of member: [UInt8], at now: NIODeadline) -> Int? {
        state.withLock { $0.rates.take(member, at: now) }
    }

    /// Waits while those who are behind hold the publishers, and this task is not cancelled.
    func waitForSlowMembers() async {
        guard case .hold = policy else { return }
        while !Task.isCancelled, state.withLock({ $0.isHeld }) {
            if let hold = state.withLock({ $0.beginHold() }) {
                hold.eventLoop.scheduleTask(in: hold.time) { self.giveUpHold(hold.turn) }
            }
            await wait(in: \.hold.publishers) { !$0.isHeld }
        }
    }

    private func giveUpHold(_ turn: Int) {
        let publishers = state.withLock { $0.hold.giveUp(turn) }
        for publisher in publishers { publisher.resume() }
    }

    // MARK: Reading

    /// What is new to a group.
    func takeNew(for group: RoomShard, after tail: UInt64) -> LogBatch? {
        state.withLock { $0.takeNew(for: group, after: tail) }
    }

    /// Up to where everybody of a group has read, nil when nobody is there, and up to where it has delivered. What nobody
    /// needs is forgotten.
    func settle(_ group: RoomShard, read: UInt64?, pace: UInt64, tail: UInt64) {
        state.withLock { $0.settle(group, read: read, pace: pace, tail: tail) }.wake()
    }

    /// Keeps what is after an offset for somebody of a group, until it settles.
    func keep(after offset: UInt64, for group: RoomShard) {
        state.withLock { $0.keep(after: offset, for: group) }
    }

    /// Counts a group in from the end of the log, which it gets.
    func enter(_ group: RoomShard) -> UInt64 {
        state.withLock { $0.enter(group) }
    }

    func group(of executor: EventLoopExecutor) -> RoomShard {
        let (group, unwatched) = state.withLock { $0.group(of: executor, in: self) }
        for name in unwatched { follow(name, on: executor.eventLoop) { $0.release(name) } }
        return group
    }

    func read(after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64 = .max) -> LogBatch? {
        state.withLock { $0.log.read(after: offset, through: bound, upTo: byteLimit) }
    }

    /// Where somebody of a group begins; what is after it is kept until the group settles.
    func resolve(_ start: RoomStart, for group: RoomShard) -> (offset: UInt64, gap: RoomGap?) {
        state.withLock { $0.resolve(start, for: group) }
    }

    /// What everything up to and with this offset has cost; nil when that is not known any more.
    func end(of offset: UInt64) -> UInt64? { state.withLock { $0.log.end(of: offset) } }

    // MARK: Code of the server

    func addCursor(_ start: RoomStart) -> (ticket: UInt64, gap: RoomGap?) { state.withLock { $0.addCursor(start) } }

    func removeCursor(_ ticket: UInt64) { state.withLock { $0.removeCursor(ticket) } }

    func read(_ ticket: UInt64, upTo byteLimit: UInt64) -> LogBatch? {
        state.withLock { $0.read(ticket, upTo: byteLimit) }
    }

    /// Waits for the next entry; a cancelled task goes on at once.
    func waitForNews(_ ticket: UInt64) async {
        await wait(in: \.readers) { $0.isNews(for: ticket) }
    }

    private func wait(
        in line: any WritableKeyPath<RoomState, ContinuationQueue> & Sendable,
        unless isDone: @Sendable (RoomState) -> Bool
    ) async {
        let ticket = state.withLock { $0[keyPath: line].makeTicket() }
        await withTaskCancellationHandler {
            // Unsafe: it leaves the line once, under the lock, and is then resumed.
            await withUnsafeContinuation { continuation in
                let goesOn = state.withLock { state in
                    // In the lock: a cancellation after it finds the continuation.
                    if isDone(state) || Task.isCancelled { return true }
                    state[keyPath: line].add(continuation, ticket)
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0[keyPath: line].take(ticket) }?.resume()
        }
    }

    // MARK: People

    /// How many removals there were: who was admitted before one of them is not sure to be welcome.
    var removals: UInt64 { removalCount.load(ordering: .sequentiallyConsistent) }

    /// Ends all connections of a name, which leaves with the last of them.
    func remove(_ name: String) {
        let name = Array(name.utf8)
        // Before the groups look: who is added to one later sees it.
        removalCount.add(1, ordering: .sequentiallyConsistent)
        let (groups, woken) = state.withLock { $0.remove(name) }
        woken.wake()
        for group in groups {
            // A group has no room of its own.
            group.executor.eventLoop.execute { [self] in withExtendedLifetime(self) { group.end(name) } }
        }
    }

    /// Whether who comes and who goes is told.
    var hasPresence: Bool { grace != nil }

    /// The names as JSON, where that is told. It is made outside of the lock: there may be many.
    var list: ByteBuffer? {
        guard hasPresence else { return nil }
        let (known, people, epoch) = state.withLock { ($0.knownList, $0.people, $0.changes) }
        if let known { return known }
        let made = people.list
        state.withLock { $0.keepList(made, of: epoch) }
        return made
    }

    /// Counts a name in; one that is not `shared` must be free.
    func connect(_ name: String, isShared: Bool = false) throws(RoomError) {
        try validate(name: name)
        let bytes = Array(name.utf8)
        let woken = try state.withLock { state throws(RoomError) in
            guard isShared || !state.people.isConnected(bytes) else { throw .nameInUse(name) }
            return state.connect(bytes)
        }
        woken.wake()
    }

    /// Counts it out, on an event loop that looks later whether it has come back.
    func disconnect(_ name: [UInt8], on eventLoop: any EventLoop) {
        follow(name, on: eventLoop) { $0.disconnect(name) }
    }

    private func follow(
        _ name: [UInt8], on eventLoop: any EventLoop,
        _ step: (inout RoomState) -> (departure: Roster.Departure, woken: RoomState.Woken)
    ) {
        let (departure, woken) = state.withLock { step(&$0) }
        woken.wake()
        guard case .mayReturn(let time) = departure else { return }
        eventLoop.scheduleTask(in: time) { self.follow(name, on: eventLoop) { $0.look(at: name) } }
    }

    /// Throws what `connect` would throw now for a name that is not shared.
    func requireAvailable(name: String) throws(RoomError) {
        try validate(name: name)
        let bytes = Array(name.utf8)
        if state.withLock({ $0.people.isConnected(bytes) }) { throw .nameInUse(name) }
    }

    /// Throws where a name cannot be one, used or not.
    func validate(name: String) throws(RoomError) {
        guard isGood(name) else { throw .badName(limit: nameLimit) }
    }

    func contains(memberNamed name: String) -> Bool {
        let bytes = Array(name.utf8)
        return state.withLock { $0.people.contains(bytes) }
    }

    var names: [String] { state.withLock { $0.people.names } }

    /// Something to see, no space around it, and nothing that moves a cursor; scalars count, so that marks that pile up
    /// on one letter do too.
    private func isGood(_ name: String) -> Bool {
        let scalars = name.unicodeScalars
        guard name.utf8.count <= 4 * nameLimit, scalars.count <= nameLimit,
            let first = scalars.first, let last = scalars.last
        else { return false }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
            && !scalars.contains(where: Self.movesText)
            && scalars.contains { !$0.properties.isWhitespace && $0.properties.generalCategory != .format }
    }

    /// Whether it ends a line, turns its direction or is not to be seen, other than what joins letters and pictures.
    private static func movesText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: scalar.value != 0x200C && scalar.value != 0x200D
        default: false
        }
    }
}
