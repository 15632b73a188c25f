import CarafeApp
import CarafeRuntime
import NIOCore

/// The state that a room's lock guards: the engine, and the progress of the subscribers in this process.
///
/// It collects in `wakes` the event loops and tasks to wake; `RoomStorage.update` wakes them after the lock.
struct RoomState: Sendable {
    private struct Slot {
        let shard: RoomShard
        /// Whether the loop is about to read the new entries.
        var isWoken = false
        var progress = ShardProgress()
    }

    private(set) var engine: MemoryEngine
    var wakes = Wakes()
    private var slots: [Slot] = []
    private var rates: RoomRates
    /// The names as JSON, until the next change of presence.
    private(set) var list: ByteBuffer?
    /// The number of changes of presence.
    private(set) var changes: UInt64 = 0
    /// The offset up to which each entry reader, which is code of the server, has read.
    private var entryReaders: [UInt64: UInt64] = [:]
    private var entryReaderCount: UInt64 = 0
    /// The tasks of entry readers that wait for an entry.
    var waitingReaders = ContinuationQueue()
    var backpressure: PublisherBackpressure

    init(_ options: RoomOptions, isJSON: Bool, backpressure: PublisherBackpressure) {
        engine = MemoryEngine(options, isJSON: isJSON)
        rates = RoomRates(member: options.memberRate, room: options.roomRate)
        self.backpressure = backpressure
    }

    var roster: Roster { engine.roster }

    /// The clock of the room is that of its first event loop: virtual in tests.
    var now: NIODeadline { slots.first?.shard.executor.eventLoop.now ?? .now() }

    mutating func finish() { engine.finish() }

    // MARK: Publishing

    /// Counts a message of a member against the rates, unless its post is a repeated one.
    mutating func admitPost(of member: [UInt8], key: IdempotencyKeys.Key?, at now: NIODeadline) -> PostAdmission {
        if let key, let position = engine.position(of: key) { return .published(position) }
        if let seconds = rates.take(member, at: now) { return .tooMany(seconds: seconds) }
        return .publish
    }

    /// Appends a post, and wakes the subscribers.
    ///
    /// - Returns: The position of the post, or of an earlier post with the same key.
    /// - Throws: `RoomError.nobody`, and `.ended` after `finish`.
    mutating func publish(_ post: RoomPost, key: IdempotencyKeys.Key?) throws(RoomError) -> RoomPosition {
        let last = engine.last
        let position = try engine.append(post, key: key, at: now)
        wakeReaders(after: last)
        return position
    }

    /// Wakes the subscribers if there are entries after an offset.
    private mutating func wakeReaders(after last: UInt64) {
        guard engine.last > last else { return }
        var isRead = false
        for index in slots.indices where slots[index].progress.lowWatermark != nil {
            isRead = true
            guard !slots[index].isWoken else { continue }
            slots[index].isWoken = true
            wakes.shards.append(slots[index].shard)
        }
        if !waitingReaders.isEmpty { wakes.tasks += waitingReaders.removeAll() }
        if !isRead { trim() }
    }

    // MARK: Shards

    /// Returns the entries that a shard has not delivered.
    mutating func readUndelivered(by shard: RoomShard, after offset: UInt64) -> LogBatch? {
        if let index = slot(of: shard) { slots[index].isWoken = false }
        return read(after: offset)
    }

    /// Records the progress of a shard, drops the entries that are no longer needed, and resumes publishers.
    mutating func report(_ progress: ShardProgress, of shard: RoomShard) {
        guard let index = slot(of: shard) else { return }
        slots[index].progress = progress
        trim()
        wakes.tasks += backpressure.update(waiting: waiting)
    }

    /// Keeps the entries after an offset for a subscriber of a shard, until the shard reports.
    mutating func keep(after offset: UInt64, for shard: RoomShard) {
        guard let index = slot(of: shard) else { return }
        slots[index].progress.lowWatermark = min(slots[index].progress.lowWatermark ?? offset, offset)
    }

    /// Drops the entries that have become too old, and returns where a subscriber begins.
    mutating func resolve(_ start: RoomStart) -> Cursor {
        trim()
        let (offset, gap) = engine.resolve(start)
        return Cursor(offset: offset, gap: gap)
    }

    /// Returns where a subscriber of a shard begins, and keeps the entries after it until the shard reports.
    mutating func resolve(_ start: RoomStart, for shard: RoomShard) -> Cursor {
        let cursor = resolve(start)
        keep(after: cursor.offset, for: shard)
        return cursor
    }

    /// Lets a shard begin at the end of the log, whose offset it returns.
    mutating func enter(_ shard: RoomShard) -> UInt64 {
        let last = engine.last
        if let index = slot(of: shard) {
            slots[index].progress = ShardProgress(
                lowWatermark: last, slowestCaughtUpOffset: last, deliveredOffset: last)
            slots[index].isWoken = false
        }
        return last
    }

    private func slot(of shard: RoomShard) -> Int? { slots.firstIndex { $0.shard === shard } }

    /// Returns the shard of an event loop. With the first shard it returns the members whose grace begins, now that
    /// there is a loop for their timers.
    mutating func shard(of executor: EventLoopExecutor, in storage: RoomStorage) -> (
        shard: RoomShard, unwatched: [[UInt8]]
    ) {
        if let known = slots.first(where: { $0.shard.executor === executor }) { return (known.shard, []) }
        let shard = RoomShard(storage: storage, executor: executor)
        slots.append(Slot(shard: shard))
        return (shard, slots.count == 1 ? roster.unwatched : [])
    }

    // MARK: Reading

    func read(after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64 = .max) -> LogBatch? {
        engine.read(after: offset, through: bound, upTo: byteLimit)
    }

    private mutating func trim() {
        let read = slots.lazy.filter { $0.progress.lowWatermark != nil }
        engine.trim(
            needed: lowWatermark, delivered: read.map(\.progress.deliveredOffset).min() ?? engine.last, at: now)
    }

    /// The lowest offset up to which a subscriber has read.
    private var lowWatermark: UInt64 {
        min(
            slots.lazy.compactMap(\.progress.lowWatermark).min() ?? engine.last,
            entryReaders.values.min() ?? engine.last)
    }

    /// The number of bytes after the slowest of the subscribers that had caught up.
    private var waiting: UInt64 {
        let read = slots.lazy.filter { $0.progress.lowWatermark != nil }
        return engine.waiting(after: read.map(\.progress.slowestCaughtUpOffset).min() ?? engine.last)
    }

    // MARK: Entry readers

    mutating func addEntryReader(_ start: RoomStart) -> (ticket: UInt64, cursor: Cursor) {
        let cursor = resolve(start)
        entryReaderCount += 1
        entryReaders[entryReaderCount] = cursor.offset
        return (entryReaderCount, cursor)
    }

    mutating func removeEntryReader(_ ticket: UInt64) {
        entryReaders[ticket] = nil
        trim()
    }

    mutating func nextBatch(of ticket: UInt64, upTo byteLimit: UInt64) -> LogBatch? {
        guard let offset = entryReaders[ticket], let batch = read(after: offset, upTo: byteLimit) else { return nil }
        entryReaders[ticket] = batch.position.offset
        trim()
        return batch
    }

    func hasEntries(for ticket: UInt64) -> Bool { engine.last > entryReaders[ticket] ?? engine.last }

    // MARK: Backpressure on publishers

    /// Whether publishers have to wait for slow subscribers.
    var holdsPublishers: Bool { backpressure.isHeld(waiting: waiting) }

    /// Begins to hold publishers, if they are not held yet; returns the time after which they are to be released.
    mutating func beginHold() -> (generation: Int, time: TimeAmount, eventLoop: any EventLoop)? {
        guard let time = backpressure.time,
            let eventLoop = slots.first(where: { $0.progress.lowWatermark != nil })?.shard.executor.eventLoop,
            let generation = backpressure.begin(waiting: waiting)
        else { return nil }
        return (generation, time, eventLoop)
    }

    mutating func release(_ generation: Int) { wakes.tasks += backpressure.release(generation) }

    // MARK: Presence

    mutating func connect(_ name: [UInt8]) {
        let last = engine.last
        if engine.connect(name, at: now) { rosterChanged() }
        wakeReaders(after: last)
    }

    /// Takes one step of a departure, after which the name may have left.
    mutating func depart(_ name: [UInt8], by step: Departure) -> Roster.Outcome {
        let last = engine.last
        let outcome = engine.depart(name, by: step, at: now)
        if outcome == .left { rosterChanged() }
        wakeReaders(after: last)
        return outcome
    }

    /// Removes a member; returns the shards that may have connections of its.
    mutating func remove(_ name: [UInt8]) -> [RoomShard] {
        _ = depart(name, by: .removed)
        return slots.map(\.shard)
    }

    private mutating func rosterChanged() {
        list = nil
        changes += 1
    }

    mutating func keepList(_ made: ByteBuffer, of changes: UInt64) {
        if changes == self.changes { list = made }
    }
}
