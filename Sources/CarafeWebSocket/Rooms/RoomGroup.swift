import CarafeApp
import CarafeWebSocketCodec
import CarafeWebSocketConnection
import NIOCore

/// The members and readers of a room on one event loop: each is a cursor in the log, and nearly all are at its end.
// Unchecked: all that changes is touched on the event loop only.
final class RoomGroup: @unchecked Sendable {
    /// Bytes that a member who is behind is handed at a time: a quarter of what it may be behind by default, so that one
    /// that reads again is soon with the others.
    private static let catchUpLimit: UInt64 = 1 << 20

    let executor: EventLoopExecutor
    unowned let core: RoomCore
    private var members: [Membership] = []
    private var named: [[UInt8]: [Membership]] = [:]
    /// How many members get items.
    private var itemMembers = 0
    private var slow: [Membership] = []
    private var readers: [RoomReader] = []
    /// The offset up to which those who are not slow have read.
    private var tail: UInt64 = 0
    /// How the first member that wants it compresses; its compressors are those of the event loop.
    private var compression: Compression?

    init(core: RoomCore, executor: EventLoopExecutor) {
        self.core = core
        self.executor = executor
    }

    private var isEmpty: Bool { members.isEmpty && readers.isEmpty }

    // MARK: Delivery

    func wake() {
        executor.eventLoop.execute { self.deliver() }
    }

    /// Sends what is new to each member, in one write, and lets the readers go on.
    func deliver() {
        guard !isEmpty else { return }
        // In a turn: a write that fails may wake a handler, which must not run in the middle of this.
        executor.turn { deliverNew() }
    }

    private func deliverNew() {
        guard let news = core.takeNew(for: self, after: tail) else { return }
        // While this loop was held up, others have filled the log: nobody here has read what is gone.
        let overtaken = news.gap == nil ? [] : members.filter { $0.cursor == nil }
        for member in overtaken { setBehind(member, read: tail) }
        for run in RoomBurst.runs(of: news.entries) where !members.isEmpty { deliver(run) }
        tail = news.position.offset
        for member in overtaken { catchUpSoon(member) }
        if let end = news.entries.last?.end.bytes {
            for member in slow { checkBound(of: member, end: end) }
        }
        for reader in readers { reader.wake() }
        settle()
    }

    private func deliver(_ run: ArraySlice<RoomEntry>) {
        let receivers: [Membership]
        if let audience = run[run.startIndex].audience {
            receivers = audience.flatMap { named[$0] ?? [] }
        } else {
            receivers = members
        }
        let plain = itemMembers < members.count ? burst(run, .plain) : nil
        let items = itemMembers > 0 ? burst(run, .items) : nil
        for member in receivers {
            if let burst = member.form == .plain ? plain : items { send(burst, to: member) }
        }
    }

    private func burst(_ run: ArraySlice<RoomEntry>, _ form: Membership.Form) -> RoomBurst? {
        RoomBurst(run, as: form, compressedBy: compression, at: executor.eventLoop.now)
    }

    private func send(_ burst: RoomBurst, to member: Membership) {
        guard member.cursor == nil, let connection = member.socket.connection else { return }
        if connection.takesMore {
            burst.send(to: connection, compression: member.socket.compression)
        } else {
            fallBehind(member, connection, read: burst.entries[burst.entries.startIndex].offset - 1)
        }
    }

    private func settle() {
        guard !isEmpty else { return core.settle(self, read: nil, tail: tail) }
        let behind = slow.reduce(tail) { min($0, $1.cursor ?? tail) }
        core.settle(self, read: readers.reduce(behind) { min($0, $1.cursor) }, tail: tail)
    }

    // MARK: Members that are behind

    /// The member holds a cursor and no queue, until its socket takes more.
    private func fallBehind(_ member: Membership, _ connection: WebSocketConnection, read: UInt64) {
        setBehind(member, read: read)
        catchUpLater(member, connection)
    }

    private func setBehind(_ member: Membership, read: UInt64) {
        member.cursor = read
        slow.append(member)
    }

    /// At once as far as its socket takes it, and the rest later.
    private func catchUpSoon(_ member: Membership) {
        catchUp(member)
        if member.cursor != nil, let connection = member.socket.connection { catchUpLater(member, connection) }
    }

    private func catchUpLater(_ member: Membership, _ connection: WebSocketConnection) {
        Task.immediate(executorPreference: executor) {
            while member.cursor != nil, (try? await connection.waitUntilWritable()) != nil {
                catchUp(member)
            }
        }
    }

    /// Sends what a member has missed, as far as its socket takes it.
    private func catchUp(_ member: Membership) {
        while let cursor = member.cursor, let connection = member.socket.connection, connection.takesMore {
            // What is after the tail comes with the next delivery.
            let reading = core.read(after: cursor, through: tail, upTo: Self.catchUpLimit)
            if reading?.gap != nil, core.policy.closesOvertaken {
                return connection.close(.tryAgainLater, reason: "too far behind")
            }
            if let reading { send(reading, to: member, connection) }
            guard let last = reading?.position.offset, last < tail else { return keepUp(member) }
            member.cursor = last
        }
        settle()
    }

    /// Hands all that a member has missed to its connection, since something else is to come after it.
    func handOver(_ member: Membership) {
        deliver()
        guard let cursor = member.cursor, let connection = member.socket.connection else { return }
        let reading = core.read(after: cursor, through: tail)
        if reading?.gap != nil, core.policy.closesOvertaken {
            return connection.close(.tryAgainLater, reason: "too far behind")
        }
        if let reading { send(reading, to: member, connection) }
        keepUp(member)
    }

    private func send(_ reading: RoomReading, to member: Membership, _ connection: WebSocketConnection) {
        if let gap = reading.gap { tell(gap, to: member, connection) }
        let own = reading.entries.filter { $0.isFor(member.name) }
        for run in RoomBurst.runs(of: own) {
            RoomBurst(run, as: member.form, compressedBy: member.socket.compression, at: executor.eventLoop.now)?
                .send(to: connection, compression: member.socket.compression)
        }
    }

    private func tell(_ gap: RoomGap, to member: Membership, _ connection: WebSocketConnection) {
        guard member.form == .items else { return }
        connection.enqueue(FrameEncoder.encode(.message(.json(gap.item(list: core.list)))))
    }

    private func keepUp(_ member: Membership) {
        let wasBehind = member.cursor.map { $0 < tail } ?? false
        member.cursor = nil
        slow.removeAll { $0 === member }
        if wasBehind { settle() }
    }

    private func checkBound(of member: Membership, end: UInt64) {
        guard core.policy == .close, let cursor = member.cursor, let connection = member.socket.connection else {
            return
        }
        if core.end(of: cursor).map({ end - $0 > UInt64(connection.outboundLimit) }) ?? true {
            connection.close(.tryAgainLater, reason: "too far behind")
        }
    }

    // MARK: Members

    /// Adds a member, for which what is after its start is kept until its socket is open.
    func add(_ member: Membership, from start: RoomStart) {
        arrive()
        member.group = self
        member.index = members.count
        members.append(member)
        if let name = member.name { named[name, default: []].append(member) }
        if member.form == .items { itemMembers += 1 }
        let (cursor, gap) = start == .now ? (tail, nil) : core.resolve(start)
        member.gap = gap
        setBehind(member, read: cursor)
        if cursor < tail { settle() }
    }

    /// Its socket is open: it gets what is after its start; one that gets items is told that first.
    func open(_ member: Membership) {
        // It may have left.
        guard member.group === self, let cursor = member.cursor, let connection = member.socket.connection else {
            return
        }
        compression = compression ?? member.socket.compression
        if let gap = member.gap {
            tell(gap, to: member, connection)
        } else if member.form == .items {
            let place = RoomPosition(offset: cursor, epoch: core.epoch)
            connection.enqueue(FrameEncoder.encode(.message(.json(place.item(list: core.list)))))
        }
        member.gap = nil
        guard member.group === self else { return }
        catchUpSoon(member)
    }

    /// Somebody comes: it begins where all others are.
    private func arrive() {
        deliver()
        if isEmpty { tail = core.enter(self) }
    }

    func remove(_ member: Membership) {
        members[member.index] = members[members.count - 1]
        members[member.index].index = member.index
        members.removeLast()
        member.group = nil
        if member.form == .items { itemMembers -= 1 }
        if let name = member.name {
            named[name]?.removeAll { $0 === member }
            if named[name]?.isEmpty == true { named[name] = nil }
        }
        if member.cursor != nil { keepUp(member) }
        if members.isEmpty { compression = nil }
        if isEmpty { settle() }
    }

    // MARK: Readers

    func add(_ reader: RoomReader) {
        arrive()
        reader.index = readers.count
        readers.append(reader)
        if reader.cursor < tail { settle() }
    }

    func remove(_ reader: RoomReader) {
        readers[reader.index] = readers[readers.count - 1]
        readers[reader.index].index = reader.index
        readers.removeLast()
        // Else the next delivery settles: thousands of polls come and go with each message.
        if isEmpty || reader.cursor < tail { settle() }
    }
}
