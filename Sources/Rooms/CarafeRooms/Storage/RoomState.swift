import CarafeApp
import CarafeRuntime
import NIOCore

/// What the lock of a room guards: the engine, and how far the readers of this process are.
///
/// It wakes nobody: it says in `wakes` who is to be woken, and `RoomStorage.update` does that after the lock.
struct RoomState: Sendable {
    private struct Slot {
        let shard: RoomShard
        /// Whether the loop is about to read what is new.
        var isWoken = false
        var progress = ShardProgress()
    }

    private(set) var engine: MemoryEngine
    var wakes = Wakes()
    private var slots: [Slot] = []
    var rates: RoomRates
    /// The names as JSON, until somebody comes or goes.
    private(set) var list: ByteBuffer?
    /// How often somebody came or went.
    private(set) var changes: UInt64 = 0
    /// Up to where each entry reader, which is code of the server, has read.
    private var entryReaders: [UInt64: UInt64] = [:]
    private var entryReaderCount: UInt64 = 0
    /// Tasks of entry readers that wait for an entry.
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

    /// Appends a post once: with the key of an earlier one it appends nothing, and returns the position of that.
    ///
    /// - Throws: `RoomError.nobody`, and `.ended` after `finish`.
    mutating func publish(_ post: RoomPost, key: IdempotencyKeys.Key?) throws(RoomError) -> RoomPosition {
        let last = engine.last
        let position = try engine.append(post, key: key, at: now)
        wakeReaders(after: last)
        return position
    }

    /// Wakes who reads, if there are entries after an offset.
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

    /// The entries that a shard has not delivered.
    mutating func readUndelivered(by shard: RoomShard, after offset: UInt64) -> LogBatch? {
        if let index = slot(of: shard) { slots[index].isWoken = false }
        return read(after: offset)
    }

    /// Records how far a shard is, drops what nobody needs, and lets publishers go on for whom that was enough.
    mutating func report(_ progress: ShardProgress, of shard: RoomShard) {
        guard let index = slot(of: shard) else { return }
        slots[index].progress = progress
        trim()
        wakes.tasks += backpressure.update(waiting: waiting)
    }

    /// Keeps what is after an offset for a subscriber of a shard, until the shard reports.
    mutating func keep(after offset: UInt64, for shard: RoomShard) {
        guard let index = slot(of: shard) else { return }
        slots[index].progress.lowWatermark = min(slots[index].progress.lowWatermark ?? offset, offset)
    }

    /// Where a subscriber begins, after what has become too old is gone.
    mutating func resolve(_ start: RoomStart) -> Cursor {
        trim()
        let (offset, gap) = engine.resolve(start)
        return Cursor(offset: offset, gap: gap)
    }

    /// The same for a subscriber of a shard, for which what is after it is kept until the shard reports.
    mutating func resolve(_ start: RoomStart, for shard: RoomShard) -> Cursor {
        let cursor = resolve(start)
        keep(after: cursor.offset, for: shard)
        return cursor
    }

    /// Counts a shard in from the end of the log, which it gets.
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

    /// The shard of an event loop; `unwatched` are those whose time to return begins, now that there is a loop.
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

    /// Bytes that wait for the slowest of the subscribers that had caught up.
    private var waiting: UInt64 {
        let read = slots.lazy.filter { $0.progress.lowWatermark != nil }
        return engine.log.waiting(after: read.map(\.progress.slowestCaughtUpOffset).min() ?? engine.last)
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

    /// Whether a publisher has to wait for slow subscribers.
    var holdsPublishers: Bool { backpressure.isHeld(waiting: waiting) }

    /// What is to be released after a time, if publishers are held from now on.
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

    /// Does one step of a departure, after which the name may have left.
    mutating func depart(_ name: [UInt8], by step: Departure) -> Roster.Departure {
        let last = engine.last
        let departure = engine.depart(name, by: step, at: now)
        if departure == .left { rosterChanged() }
        wakeReaders(after: last)
        return departure
    }

    /// Removes a name: without a connection it is gone at once, else with its last; returns where those may be.
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
