import CarafeApp
import CarafeRuntime
import NIOCore

/// The state under a room's lock: its log and members, and the progress of the readers in this process.
///
/// It wakes nobody: it adds the shards and tasks to wake to `wakes`, and `RoomStorage.update` wakes them after the
/// lock.
struct RoomState: Sendable {
    private(set) var log: RoomLog
    private(set) var members: RoomMembers
    /// The copy, in an engine's room.
    var copy = RoomCopy()
    /// The claims on names, in an engine's room.
    var claims = ClaimTable()
    var wakes = Wakes()
    var shards = ShardTable()
    var entryReaders = EntryReaders()
    private var keys = IdempotencyKeys()
    private var rates: RoomRates
    var backpressure: PublisherBackpressure

    /// - Parameter isCopy: Whether the log and the members are those of an engine.
    init(_ options: RoomOptions, isJSON: Bool, isCopy: Bool, backpressure: PublisherBackpressure) {
        log = RoomLog(history: options.history, isJSON: isJSON)
        members = RoomMembers(options.presence, areCopied: isCopy)
        rates = RoomRates(member: options.limits.memberRate, room: options.limits.roomRate)
        self.backpressure = backpressure
    }

    /// The room's clock is that of its first event loop: virtual in tests.
    var now: NIODeadline { shards.clock?.now ?? .now() }

    /// Whether the room has neither entries nor members nor readers.
    var isUnused: Bool { log.last == 0 && members.count == 0 && !shards.isRead && entryReaders.isEmpty }

    // MARK: Publishing

    /// Decides about a post, and counts it unless an earlier post with its key was published.
    mutating func admitPost(of member: [UInt8], key: IdempotencyKeys.Key?, at now: NIODeadline) -> PostAdmission {
        if let key, let position = keys[key] { return .published(position) }
        if let seconds = rates.consume(member, at: now) { return .tooMany(seconds: seconds) }
        return .publish
    }

    /// Appends a post as one step: a known key returns its position, an audience of which nobody is in the room is
    /// refused, and otherwise the log has the post and its key together.
    ///
    /// - Throws: `RoomError.nobody`.
    mutating func publish(_ post: RoomPost, key: IdempotencyKeys.Key?) throws(RoomError) -> RoomPosition {
        if let key, let known = keys[key] { return known }
        if let audience = post.audience, !audience.contains(where: members.contains) {
            throw .nobody(String(decoding: audience.first ?? [], as: UTF8.self))
        }
        let position = log.append(post, at: now).position
        if let key { keys.add(key, position) }
        wakeReaders()
        return position
    }

    /// Wakes the readers of new entries.
    private mutating func wakeReaders() {
        let isRead = shards.wakeReading(&wakes)
        if !entryReaders.waiting.isEmpty { wakes.tasks += entryReaders.waiting.removeAll() }
        if !isRead { trim() }
    }

    // MARK: Presence

    /// Counts a connection of a name.
    ///
    /// - Throws: `RoomError.nameInUse` for a name with a connection, unless it is shared.
    mutating func connect(_ name: [UInt8], isShared: Bool) throws(RoomError) {
        guard isShared || !members.isConnected(name) else {
            throw .nameInUse(String(decoding: name, as: UTF8.self))
        }
        if let change = members.connect(name) { append(change) }
        claim(name, isExclusive: !isShared)
    }

    /// Does one step of a departure, after which the name may have left.
    mutating func depart(_ name: [UInt8], by step: Departure) -> Roster.Outcome {
        let (outcome, change) = members.depart(name, by: step, at: now)
        if let change { append(change) }
        claim(name)
        return outcome
    }

    /// Keeps a list of the members that was made when there had been so many changes of them.
    mutating func keepList(_ made: ByteBuffer, of changes: UInt64) { members.keepList(made, of: changes) }

    private mutating func append(_ change: RoomChange) {
        log.append(.change(change), at: now)
        wakeReaders()
    }

    private mutating func claim(_ name: [UInt8], isExclusive: Bool = false) {
        if members.areCopied { claims.want(members.claim(on: name), on: name, isExclusive: isExclusive) }
    }

    // MARK: The copy

    /// Asks for a step if a subscriber cannot begin yet.
    ///
    /// - Returns: The number of the step; nil if the subscriber can begin.
    mutating func stepNeeded(for start: RoomStart) -> UInt64? { copy.stepNeeded(for: start, in: log) }

    /// Takes an event of the engine.
    mutating func take(_ event: RoomCopy.Event) {
        let last = log.last
        for removal in copy.take(event, into: &log, &members, at: now) {
            if case .one(let name) = removal {
                _ = depart(name, by: .removed)
                claims.lose(name)
            }
            wakes.removals.append(removal)
        }
        if log.last > last { wakeReaders() }
        if !copy.steps.isReading { wakes.tasks += copy.steps.waiting.removeAll() }
    }

    /// Ends a call that has told the engine a claim.
    mutating func endTelling(_ name: [UInt8], _ claim: EngineClaim, isKnown: Bool) {
        wakes.tasks += claims.endTelling(name, claim, isKnown: isKnown)
    }

    /// Whether the copy has readers, or the node claims.
    var usesCopy: Bool { shards.isRead || !entryReaders.isEmpty || !claims.isEmpty }

    /// Forgets the copy if nobody uses the room here.
    ///
    /// - Returns: Whether it was forgotten.
    mutating func forgetCopy() -> Bool {
        guard !usesCopy, copy.steps.forget() else { return false }
        log.forget()
        return true
    }

    // MARK: Shards

    /// Returns the shard of an event loop.
    mutating func shard(of executor: EventLoopExecutor, in storage: RoomStorage) -> RoomShard {
        if let known = shards[executor] { return known }
        let shard = RoomShard(storage: storage, executor: executor)
        shards.add(shard)
        return shard
    }

    /// Counts a shard as a reader from the end of the log; returns that offset.
    mutating func enter(_ shard: RoomShard) -> UInt64 {
        shards.report(ShardProgress(allAt: log.last), of: shard)
        shards.beginReading(shard)
        return log.last
    }

    /// Reads the entries that a shard has not delivered.
    mutating func readUndelivered(by shard: RoomShard, after offset: UInt64) -> LogBatch? {
        shards.beginReading(shard)
        return log.read(after: offset)
    }

    /// Records a shard's progress, drops entries that no reader needs, and releases publishers if that was enough.
    mutating func report(_ progress: ShardProgress, of shard: RoomShard) {
        shards.report(progress, of: shard)
        trim()
        wakes.tasks += backpressure.update(waiting: waiting)
    }

    // MARK: Reading

    /// Returns the first cursor of a subscriber, after entries that have become too old are dropped.
    mutating func resolve(_ start: RoomStart) -> Cursor {
        trim()
        let (offset, gap) = log.resolve(start)
        return Cursor(offset: offset, gap: gap)
    }

    /// Returns the first cursor of a shard's subscriber; the entries after it are kept until the shard reports.
    mutating func resolve(_ start: RoomStart, for shard: RoomShard) -> Cursor {
        let cursor = resolve(start)
        shards.keep(after: cursor.offset, for: shard)
        return cursor
    }

    private mutating func trim() {
        let last = log.last
        let lowWatermark = min(shards.lowWatermark ?? last, entryReaders.lowWatermark ?? last)
        log.trim(needed: lowWatermark, delivered: shards.deliveredOffset ?? last, at: now)
    }

    /// The bytes that the slowest of the subscribers that had caught up before has not read.
    private var waiting: UInt64 { log.waiting(after: shards.slowestCaughtUpOffset ?? log.last) }

    // MARK: Entry readers

    mutating func addEntryReader(_ start: RoomStart) -> (ticket: UInt64, cursor: Cursor) {
        let cursor = resolve(start)
        return (entryReaders.add(at: cursor.offset), cursor)
    }

    mutating func removeEntryReader(_ ticket: UInt64) {
        entryReaders.remove(ticket)
        trim()
    }

    mutating func nextBatch(of ticket: UInt64, upTo byteLimit: UInt64) -> LogBatch? {
        guard let offset = entryReaders[ticket], let batch = log.read(after: offset, upTo: byteLimit) else {
            return nil
        }
        entryReaders.advance(ticket, to: batch.last)
        trim()
        return batch
    }

    func hasEntries(for ticket: UInt64) -> Bool { log.last > entryReaders[ticket] ?? log.last }

    // MARK: Backpressure on publishers

    /// Whether a publisher has to wait for slow subscribers.
    var holdsPublishers: Bool { backpressure.isHeld(waiting: waiting) }

    /// Begins to hold publishers if they are to be held; returns when and where to release them.
    mutating func beginHold() -> (generation: Int, time: TimeAmount, eventLoop: any EventLoop)? {
        guard let time = backpressure.time, let eventLoop = shards.readingEventLoop,
            let generation = backpressure.begin(waiting: waiting)
        else { return nil }
        return (generation, time, eventLoop)
    }

    mutating func release(_ generation: Int) { wakes.tasks += backpressure.release(generation) }
}
