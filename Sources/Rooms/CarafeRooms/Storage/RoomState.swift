import CarafeApp
import CarafeRuntime
import NIOCore

/// The state under a room's lock: the engine, and the progress of the readers in this process.
///
/// It wakes nobody: it adds the shards and tasks to wake to `wakes`, and `RoomStorage.update` wakes them after the
/// lock.
struct RoomState: Sendable {
    private(set) var engine: MemoryEngine
    var wakes = Wakes()
    var shards = ShardTable()
    var entryReaders = EntryReaders()
    private var rates: RoomRates
    var backpressure: PublisherBackpressure
    /// The names of the members as JSON, until they change.
    private(set) var list: ByteBuffer?
    /// The number of changes of the names.
    private(set) var changes: UInt64 = 0

    init(_ options: RoomOptions, isJSON: Bool, backpressure: PublisherBackpressure) {
        engine = MemoryEngine(options, isJSON: isJSON)
        rates = RoomRates(member: options.limits.memberRate, room: options.limits.roomRate)
        self.backpressure = backpressure
    }

    var roster: Roster { engine.roster }

    /// The room's clock is that of its first event loop: virtual in tests.
    var now: NIODeadline { shards.clock?.now ?? .now() }

    mutating func finish() { engine.finish() }

    // MARK: Publishing

    /// Decides about a post, and counts it unless an earlier post with its key was published.
    mutating func admitPost(of member: [UInt8], key: IdempotencyKeys.Key?, at now: NIODeadline) -> PostAdmission {
        if let key, let position = engine.position(of: key) { return .published(position) }
        if let seconds = rates.consume(member, at: now) { return .tooMany(seconds: seconds) }
        return .publish
    }

    /// Appends a post; with the key of an earlier one it appends nothing, and returns the position of that one.
    ///
    /// - Throws: `RoomError.nobody`, and `.ended` after `finish`.
    mutating func publish(_ post: RoomPost, key: IdempotencyKeys.Key?) throws(RoomError) -> RoomPosition {
        let last = engine.last
        let position = try engine.append(post, key: key, at: now)
        wakeReaders(after: last)
        return position
    }

    /// Wakes the readers if there are entries after an offset.
    private mutating func wakeReaders(after last: UInt64) {
        guard engine.last > last else { return }
        let isRead = shards.wakeReading(&wakes)
        if !entryReaders.waiting.isEmpty { wakes.tasks += entryReaders.waiting.removeAll() }
        if !isRead { trim() }
    }

    // MARK: Shards

    /// Returns the shard of an event loop, and the names whose grace begins, now that there is a first loop.
    mutating func shard(of executor: EventLoopExecutor, in storage: RoomStorage) -> (
        shard: RoomShard, unwatched: [[UInt8]]
    ) {
        if let known = shards[executor] { return (known, []) }
        let shard = RoomShard(storage: storage, executor: executor)
        shards.add(shard)
        return (shard, shards.count == 1 ? roster.unwatched : [])
    }

    /// Counts a shard as a reader from the end of the log; returns that offset.
    mutating func enter(_ shard: RoomShard) -> UInt64 {
        shards.report(ShardProgress(allAt: engine.last), of: shard)
        shards.beginReading(shard)
        return engine.last
    }

    /// Reads the entries that a shard has not delivered.
    mutating func readUndelivered(by shard: RoomShard, after offset: UInt64) -> LogBatch? {
        shards.beginReading(shard)
        return read(after: offset)
    }

    /// Records a shard's progress, drops entries that no reader needs, and releases publishers if that was enough.
    mutating func report(_ progress: ShardProgress, of shard: RoomShard) {
        shards.report(progress, of: shard)
        trim()
        wakes.tasks += backpressure.update(waiting: waiting)
    }

    // MARK: Reading

    func read(after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64 = .max) -> LogBatch? {
        engine.read(after: offset, through: bound, upTo: byteLimit)
    }

    /// Returns the first cursor of a subscriber, after entries that have become too old are dropped.
    mutating func resolve(_ start: RoomStart) -> Cursor {
        trim()
        let (offset, gap) = engine.resolve(start)
        return Cursor(offset: offset, gap: gap)
    }

    /// Returns the first cursor of a shard's subscriber; the entries after it are kept until the shard reports.
    mutating func resolve(_ start: RoomStart, for shard: RoomShard) -> Cursor {
        let cursor = resolve(start)
        shards.keep(after: cursor.offset, for: shard)
        return cursor
    }

    private mutating func trim() {
        let last = engine.last
        let lowWatermark = min(shards.lowWatermark ?? last, entryReaders.lowWatermark ?? last)
        engine.trim(needed: lowWatermark, delivered: shards.deliveredOffset ?? last, at: now)
    }

    /// The bytes that the slowest of the subscribers that had caught up before has not read.
    private var waiting: UInt64 { engine.waiting(after: shards.slowestCaughtUpOffset ?? engine.last) }

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
        guard let offset = entryReaders[ticket], let batch = read(after: offset, upTo: byteLimit) else { return nil }
        entryReaders.advance(ticket, to: batch.position.offset)
        trim()
        return batch
    }

    func hasEntries(for ticket: UInt64) -> Bool { engine.last > entryReaders[ticket] ?? engine.last }

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

    // MARK: Presence

    mutating func connect(_ name: [UInt8]) {
        let last = engine.last
        if engine.connect(name, at: now) { rosterChanged() }
        wakeReaders(after: last)
    }

    /// Does one step of a departure, after which the name may have left.
    mutating func depart(_ name: [UInt8], by step: Departure) -> Roster.Outcome {
        let last = engine.last
        let departure = engine.depart(name, by: step, at: now)
        if departure == .left { rosterChanged() }
        wakeReaders(after: last)
        return departure
    }

    /// Removes a name, at once without a connection and otherwise with its last; returns the shards to end those.
    mutating func remove(_ name: [UInt8]) -> [RoomShard] {
        _ = depart(name, by: .removed)
        return shards.all
    }

    private mutating func rosterChanged() {
        list = nil
        changes += 1
    }

    mutating func keepList(_ made: ByteBuffer, of changes: UInt64) {
        if changes == self.changes { list = made }
    }
}
