import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// The members and readers of a room on one event loop: each is a cursor in the log, and nearly all are at its end.
// Unchecked: all that changes is touched on the event loop only.
final class RoomShard: EventLoopTickMember, @unchecked Sendable {
    let executor: EventLoopExecutor
    unowned let core: RoomStorage
    private var members: [SocketSubscriber] = []
    private var named: [[UInt8]: [SocketSubscriber]] = [:]
    /// How many members get items.
    private var itemMembers = 0
    /// Those that are behind, or not open yet.
    private var slow: [SocketSubscriber] = []
    private var readers: [PullSubscriber] = []
    /// The offset up to which those who are not slow have read.
    private(set) var tail: UInt64 = 0
    /// What came last, in this tick: most readers read just that.
    private var news: (after: UInt64, reading: LogBatch)?
    /// How the first member that wants it compresses; its compressors are those of the event loop.
    private var compression: Compression?
    /// The room, while it is to hear how far all have read.
    private var settling: RoomStorage?
    /// Whether something is to be delivered before that.
    private var isDue = false

    init(core: RoomStorage, executor: EventLoopExecutor) {
        self.core = core
        self.executor = executor
    }

    private var isEmpty: Bool { members.isEmpty && readers.isEmpty }

    // MARK: Delivery

    /// Delivers at the end of the loop's tick: what code on the loop publishes in one tick, in however many rooms, is one
    /// task of the loop.
    func wake() {
        guard executor.eventLoop.inEventLoop else { return executor.eventLoop.execute { self.deliver() } }
        isDue = true
        settleSoon()
    }

    /// Sends what is new to each member, in one write, and lets the readers go on.
    func deliver() {
        guard !isEmpty else { return }
        // The last member may leave in the middle, and with it the room.
        withExtendedLifetime(core) {
            // In a turn: a write that fails may wake a handler, which must not run in the middle of this.
            executor.turn { deliverNew() }
        }
    }

    private func deliverNew() {
        guard var reading = core.takeNew(for: self, after: tail) else { return }
        if core.policy == .latest { reading.conflate() }
        news = (tail, reading)
        // While this loop was held up, others have filled the log: nobody here has read what is gone.
        let overtaken = reading.gap == nil ? [] : members.filter { $0.cursor == nil }
        for member in overtaken { setBehind(member, read: tail) }
        for run in EncodedBatch.runs(of: reading.entries) where !members.isEmpty { deliver(run) }
        tail = reading.position.offset
        for member in overtaken { catchUpSoon(member) }
        if let end = reading.entries.last?.end.bytes {
            for member in slow { checkBound(of: member, end: end) }
        }
        for reader in readers { reader.wake() }
        settleSoon()
    }

    private func deliver(_ run: ArraySlice<LogEntry>) {
        let receivers: [SocketSubscriber]
        if let audience = run[run.startIndex].audience {
            receivers = audience.flatMap { named[$0] ?? [] }
        } else {
            receivers = members
        }
        if receivers.isEmpty { return }
        let plain = itemMembers < members.count ? burst(run, .plain) : nil
        let items = itemMembers > 0 ? burst(run, .items) : nil
        for member in receivers {
            if let burst = member.form == .plain ? plain : items { send(burst, to: member) }
        }
    }

    private func burst(_ run: ArraySlice<LogEntry>, _ form: SocketSubscriber.Form) -> EncodedBatch? {
        EncodedBatch(run, as: form, compressedBy: compression, at: executor.eventLoop.now)
    }

    private func send(_ burst: EncodedBatch, to member: SocketSubscriber) {
        guard member.cursor == nil, let connection = member.socket.connection else { return }
        if connection.takesMore {
            burst.send(to: connection, compression: member.socket.compression)
        } else {
            setBehind(member, read: burst.entries[burst.entries.startIndex].offset - 1)
            catchUpLater(member, connection)
        }
    }

    // MARK: How far all have read

    /// At the end of the tick: then those that were woken have read, and one look at all is enough.
    func settleSoon() {
        guard settling == nil else { return }
        settling = core
        executor.callAtEndOfTick(self)
    }

    func endTick() {
        let core = settling ?? core
        settling = nil
        if isDue {
            isDue = false
            deliver()
            // Those who were woken have read by the end of the next tick.
            if settling != nil { return }
        }
        news = nil
        guard !isEmpty else { return core.settle(self, read: nil, pace: tail, tail: tail) }
        var (read, pace) = (tail, tail)
        func note(_ cursor: UInt64, wasLevel: Bool) {
            read = min(read, cursor)
            if wasLevel { pace = min(pace, cursor) }
        }
        for member in slow { note(member.cursor ?? tail, wasLevel: member.wasLevel) }
        for reader in readers { note(reader.cursor, wasLevel: reader.wasLevel) }
        core.settle(self, read: read, pace: pace, tail: tail)
    }

    /// Keeps what is after an offset until all have been looked at.
    private func keep(after offset: UInt64) {
        guard offset < tail else { return }
        core.keep(after: offset, for: self)
        settleSoon()
    }

    // MARK: Members

    /// Adds a member, for which what is after its start is kept until its socket is open.
    func add(_ member: SocketSubscriber, from start: RoomStart) {
        arrive()
        // What was just delivered may have made it leave.
        guard !member.isOver else { return settleSoon() }
        member.group = self
        member.index = members.count
        members.append(member)
        if let name = member.name { named[name, default: []].append(member) }
        if member.form == .items { itemMembers += 1 }
        let (offset, gap) = start == .now ? (tail, nil) : core.resolve(start, for: self)
        // What was published since the delivery comes with the next one, and once.
        let cursor = min(offset, tail)
        member.gap = gap
        setBehind(member, read: cursor)
        keep(after: cursor)
    }

    /// Its socket is open: it gets what is after its start; one that gets items is told that first.
    func open(_ member: SocketSubscriber) {
        // It may have left.
        guard member.group === self, let cursor = member.cursor, let connection = member.socket.connection else {
            return
        }
        member.isOpen = true
        compression = compression ?? member.socket.compression
        if member.form == .items {
            let place = RoomPosition(offset: cursor, epoch: core.epoch)
            let beat = beat(of: member, connection)
            let item = member.gap?.item(list: core.list, beat: beat) ?? place.item(list: core.list, beat: beat)
            connection.enqueue(FrameEncoder.encode(.message(.json(item))))
        }
        member.gap = nil
        guard member.group === self else { return }
        catchUpSoon(member)
    }

    /// Has a word sent with each ping, if the member has asked for it, and gives after how many seconds that is.
    private func beat(of member: SocketSubscriber, _ connection: WebSocketConnection) -> Int64? {
        guard member.wantsBeat else { return nil }
        let seconds = max(connection.pingInterval.nanoseconds / 1_000_000_000, 1)
        connection.beat = ByteBuffer(string: "{\"beat\":\(seconds)}")
        return seconds
    }

    /// Somebody comes: it begins where all others are.
    private func arrive() {
        deliver()
        if isEmpty { tail = core.enter(self) }
    }

    /// Ends what somebody of this name reads by: sockets with 1008, streams, and polls that wait.
    func end(_ name: [UInt8]) {
        for member in named[name] ?? [] {
            let connection = member.socket.connection
            member.socket.remove(member)
            member.detach()
            connection?.close(.policyViolation, reason: "removed")
        }
        for reader in readers where reader.name == name { reader.end() }
    }

    func remove(_ member: SocketSubscriber) {
        members[member.index] = members[members.count - 1]
        members[member.index].index = member.index
        members.removeLast()
        member.group = nil
        if member.form == .items { itemMembers -= 1 }
        if let name = member.name {
            named[name]?.removeAll { $0 === member }
            if named[name]?.isEmpty == true { named[name] = nil }
        }
        if member.cursor != nil { setLevel(member) }
        if members.isEmpty { compression = nil }
        if isEmpty { settleSoon() }
    }

    // MARK: Members that are behind

    func setBehind(_ member: SocketSubscriber, read: UInt64) {
        member.cursor = read
        member.slowIndex = slow.count
        slow.append(member)
    }

    func setLevel(_ member: SocketSubscriber) {
        slow[member.slowIndex] = slow[slow.count - 1]
        slow[member.slowIndex].slowIndex = member.slowIndex
        slow.removeLast()
        member.becomeLevel()
        settleSoon()
    }

    // MARK: Readers

    /// Adds a reader, and gives the offset after which it begins, and what it has missed before that.
    func add(_ reader: PullSubscriber, from start: RoomStart) -> (offset: UInt64, gap: RoomGap?) {
        arrive()
        reader.index = readers.count
        readers.append(reader)
        let (offset, gap) = start == .now ? (tail, nil) : core.resolve(start, for: self)
        if offset < tail { settleSoon() }
        return (min(offset, tail), gap)
    }

    func remove(_ reader: PullSubscriber) {
        readers[reader.index] = readers[readers.count - 1]
        readers[reader.index].index = reader.index
        readers.removeLast()
        // Else the next delivery settles: thousands of polls come and go with each message.
        if isEmpty || reader.cursor < tail { settleSoon() }
    }

    /// What is after an offset, a portion of it; what is after the tail comes with the next delivery.
    func reading(after cursor: UInt64) -> LogBatch? {
        if cursor == tail { return nil }
        if let news, news.after == cursor, news.reading.byteCount <= PullSubscriber.portion { return news.reading }
        var reading = core.read(after: cursor, upTo: PullSubscriber.portion)
        if core.policy == .latest { reading?.conflate() }
        return reading
    }
}
