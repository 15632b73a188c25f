import CarafeApp
import CarafeRuntime
import NIOCore

/// What changes in a room: the log, who is here, how far each event loop is. It wakes nobody itself; it says whom.
struct RoomState: Sendable {
    private struct Slot {
        let group: RoomShard
        /// Whether the loop is about to look at the log.
        var isWoken = false
        /// Up to where everybody of the group has read; nil when nobody is there.
        var read: UInt64?
        /// The same without those who have never been level.
        var pace: UInt64 = 0
        /// Up to where the loop has delivered.
        var tail: UInt64 = 0
    }

    /// Whom somebody has to wake, outside of the lock.
    struct Woken {
        var groups: [RoomShard] = []
        var tasks: [UnsafeContinuation<Void, Never>] = []

        func wake() {
            for group in groups { group.wake() }
            for task in tasks { task.resume() }
        }
    }

    private(set) var log: RoomLog
    private(set) var people: Roster
    private var slots: [Slot] = []
    private var retries: IdempotencyKeys
    var rates: RoomRates
    /// The names as JSON, until somebody comes or goes.
    private var list: ByteBuffer?
    /// How often somebody came or went.
    private(set) var changes: UInt64 = 0
    /// Code of the server that reads: up to where each has, and who of them waits for the next entry.
    private var cursors: [UInt64: UInt64] = [:]
    private var cursorCount: UInt64 = 0
    var readers = ContinuationQueue()
    var hold: PublisherBackpressure
    /// Whether nothing is added any more.
    private var isFinished = false

    init(_ options: RoomOptions, isJSON: Bool, hold: PublisherBackpressure) {
        log = RoomLog(history: options.history, isJSON: isJSON, restoring: options.snapshot)
        people = Roster(grace: options.presence?.grace, restoring: options.snapshot?.people ?? [])
        retries = IdempotencyKeys(restoring: options.snapshot, epoch: log.epoch)
        rates = RoomRates(member: options.memberRate, room: options.roomRate)
        self.hold = hold
    }

    var snapshot: RoomSnapshot { RoomSnapshot(log, people, retries, isFinal: isFinished, at: now) }

    /// The clock of the room is that of its first event loop: virtual in tests.
    var now: NIODeadline { slots.first?.group.executor.eventLoop.now ?? .now() }

    /// From now on nothing is added.
    mutating func finish() { isFinished = true }

    // MARK: Publishing

    /// With the key of an earlier post it adds nothing, and gives the position of that. Throws `RoomError.nobody`, and
    /// `.ended` after `finish`.
    mutating func publish(
        _ post: RoomPost, key: IdempotencyKeys.Key?
    ) throws(RoomError) -> (position: RoomPosition, woken: Woken) {
        if let key, let known = retries[key] { return (known, Woken()) }
        if isFinished { throw .ended }
        if let audience = post.audience, !audience.contains(where: people.contains) {
            throw .nobody(String(decoding: audience.first ?? [], as: UTF8.self))
        }
        let (position, woken) = append(post)
        if let key { retries.add(key, position) }
        return (position, woken)
    }

    /// Where the post of this key is, if it was one.
    func position(of key: IdempotencyKeys.Key) -> RoomPosition? { retries[key] }

    private mutating func append(_ post: RoomPost) -> (position: RoomPosition, woken: Woken) {
        let entry = log.append(post, at: now)
        var woken = Woken()
        var isHeard = false
        for index in slots.indices where slots[index].read != nil {
            isHeard = true
            guard !slots[index].isWoken else { continue }
            slots[index].isWoken = true
            woken.groups.append(slots[index].group)
        }
        woken.tasks = readers.takeAll()
        if !isHeard { trim() }
        return (entry.position, woken)
    }

    // MARK: Reading

    /// What is new to a group.
    mutating func takeNew(for group: RoomShard, after tail: UInt64) -> LogBatch? {
        if let index = slot(of: group) { slots[index].isWoken = false }
        return log.read(after: tail)
    }

    /// Up to where everybody of a group has read, nil when nobody is there, at what pace, and up to where it has
    /// delivered. What nobody needs is forgotten.
    mutating func settle(_ group: RoomShard, read: UInt64?, pace: UInt64, tail: UInt64) -> Woken {
        guard let index = slot(of: group) else { return Woken() }
        slots[index].read = read
        slots[index].pace = pace
        slots[index].tail = tail
        trim()
        return Woken(tasks: hold.update(waiting: waiting))
    }

    /// Keeps what is after an offset for somebody of a group, until it settles.
    mutating func keep(after offset: UInt64, for group: RoomShard) {
        guard let index = slot(of: group) else { return }
        slots[index].read = min(slots[index].read ?? offset, offset)
    }

    /// Where somebody begins, after what has become too old is gone.
    mutating func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?) {
        trim()
        return log.resolve(start)
    }

    /// The same for somebody of a group, for whom what is after it is kept until the group settles.
    mutating func resolve(_ start: RoomStart, for group: RoomShard) -> (offset: UInt64, gap: RoomGap?) {
        let found = resolve(start)
        keep(after: found.offset, for: group)
        return found
    }

    private mutating func trim() {
        let heard = slots.lazy.filter { $0.read != nil }
        log.trim(needed: needed, delivered: heard.map(\.tail).min() ?? log.last, at: now)
    }

    /// The lowest offset up to which somebody has read.
    private var needed: UInt64 {
        min(slots.lazy.compactMap(\.read).min() ?? log.last, cursors.values.min() ?? log.last)
    }

    /// Bytes for the member that is most behind.
    private var waiting: UInt64 {
        log.waiting(after: slots.lazy.filter { $0.read != nil }.map(\.pace).min() ?? log.last)
    }

    /// Counts a group in from the end of the log, which it gets.
    mutating func enter(_ group: RoomShard) -> UInt64 {
        if let index = slot(of: group) {
            slots[index].read = log.last
            slots[index].pace = log.last
            slots[index].tail = log.last
            slots[index].isWoken = false
        }
        return log.last
    }

    private func slot(of group: RoomShard) -> Int? { slots.firstIndex { $0.group === group } }

    /// The group of an event loop, and who is to be released now that there is one.
    mutating func group(of executor: EventLoopExecutor, in core: RoomStorage) -> (
        group: RoomShard, unwatched: [[UInt8]]
    ) {
        if let known = slots.first(where: { $0.group.executor === executor }) { return (known.group, []) }
        let group = RoomShard(core: core, executor: executor)
        slots.append(Slot(group: group))
        return (group, slots.count == 1 ? people.unwatched : [])
    }

    // MARK: Code of the server

    mutating func addCursor(_ start: RoomStart) -> (ticket: UInt64, gap: RoomGap?) {
        let (offset, gap) = resolve(start)
        cursorCount += 1
        cursors[cursorCount] = offset
        return (cursorCount, gap)
    }

    mutating func removeCursor(_ ticket: UInt64) {
        cursors[ticket] = nil
        trim()
    }

    mutating func read(_ ticket: UInt64, upTo byteLimit: UInt64) -> LogBatch? {
        guard let offset = cursors[ticket], let reading = log.read(after: offset, upTo: byteLimit) else { return nil }
        cursors[ticket] = reading.position.offset
        trim()
        return reading
    }

    func isNews(for ticket: UInt64) -> Bool { log.last > cursors[ticket] ?? log.last }

    // MARK: Holding

    /// Whether a publisher has to wait for those who are behind.
    var isHeld: Bool { hold.isHeld(waiting: waiting) }

    /// What is to be given up when its time is over, if publishers are held from now on.
    mutating func beginHold() -> (turn: Int, time: TimeAmount, eventLoop: any EventLoop)? {
        guard let time = hold.time, let eventLoop = slots.first(where: { $0.read != nil })?.group.executor.eventLoop,
            let turn = hold.begin(waiting: waiting)
        else { return nil }
        return (turn, time, eventLoop)
    }

    // MARK: People

    mutating func connect(_ name: [UInt8]) -> Woken {
        people.connect(name) ? announce(.joined(String(decoding: name, as: UTF8.self))) : Woken()
    }

    /// One connection of the name less.
    mutating func disconnect(_ name: [UInt8]) -> (departure: Roster.Departure, woken: Woken) {
        follow(people.disconnect(name, at: now), of: name)
    }

    /// Who was here when an earlier run ended has from now on the usual time to return.
    mutating func release(_ name: [UInt8]) -> (departure: Roster.Departure, woken: Woken) {
        follow(people.release(name, at: now), of: name)
    }

    /// Whether the name has come back.
    mutating func look(at name: [UInt8]) -> (departure: Roster.Departure, woken: Woken) {
        follow(people.look(at: name, at: now), of: name)
    }

    /// One who has no connection is gone at once, any other with its last. Gives where they are.
    mutating func remove(_ name: [UInt8]) -> (groups: [RoomShard], woken: Woken) {
        let woken = follow(people.remove(name), of: name).woken
        return (slots.map(\.group), woken)
    }

    private mutating func follow(
        _ departure: Roster.Departure, of name: [UInt8]
    ) -> (departure: Roster.Departure, woken: Woken) {
        guard departure == .left else { return (departure, Woken()) }
        return (departure, announce(.left(String(decoding: name, as: UTF8.self))))
    }

    private mutating func announce(_ change: RoomChange) -> Woken {
        list = nil
        changes += 1
        return people.grace == nil || isFinished ? Woken() : append(change.post).woken
    }

    /// The names as JSON for those who read, if nobody came or went since it was made.
    var knownList: ByteBuffer? { list }

    mutating func keepList(_ made: ByteBuffer, of epoch: UInt64) {
        if epoch == changes { list = made }
    }
}
