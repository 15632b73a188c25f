import CarafeApp
import CarafeWebSocketCodec
import CarafeWebSocketConnection
import NIOCore

/// The members of a room on one event loop: each is a cursor in the log, and nearly all are at its end.
// Unchecked: all that changes is touched on the event loop only.
final class RoomGroup: @unchecked Sendable {
    /// Bytes that a member who is behind gets at a time.
    private static let catchUpLimit: UInt64 = 256 << 10

    let executor: EventLoopExecutor
    private unowned let core: RoomCore
    private var members: [Membership] = []
    private var slow: [Membership] = []
    /// The offset up to which those who are not slow have read.
    private var tail: UInt64 = 0
    /// How the first member that wants it compresses; its compressors are those of the event loop.
    private var compression: Compression?

    init(core: RoomCore, executor: EventLoopExecutor) {
        self.core = core
        self.executor = executor
    }

    // MARK: Delivery

    func wake() {
        executor.eventLoop.execute { self.deliver() }
    }

    /// Sends what is new to each member, in one write.
    func deliver() {
        guard !members.isEmpty else { return }
        let entries = core.takeNew(for: self, after: tail)
        guard let last = entries.last else { return }
        for run in RoomBurst.runs(of: entries) {
            deliver(RoomBurst(run, compressedBy: compression, at: executor.eventLoop.now))
        }
        tail = last.offset
        for member in slow { checkBound(of: member, end: last.end) }
        settle()
    }

    private func deliver(_ burst: RoomBurst) {
        if let audience = burst.audience {
            if let member = core.member(audience), member.group === self { send(burst, to: member) }
        } else {
            for member in members { send(burst, to: member) }
        }
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
        core.settle(self, read: members.isEmpty ? nil : slow.reduce(tail) { min($0, $1.cursor ?? tail) })
    }

    // MARK: Members that are behind

    /// The member holds a cursor and no queue, until its socket takes more.
    private func fallBehind(_ member: Membership, _ connection: WebSocketConnection, read: UInt64) {
        member.cursor = read
        slow.append(member)
        Task.immediate(executorPreference: executor) {
            while member.cursor != nil, (try? await connection.waitUntilWritable()) != nil {
                catchUp(member)
            }
        }
    }

    /// Sends what a member has missed, as far as its socket takes it.
    private func catchUp(_ member: Membership) {
        while let cursor = member.cursor, let connection = member.socket.connection, connection.takesMore {
            let entries = core.withLog { $0.entries(after: cursor, upTo: Self.catchUpLimit) }
            if let first = entries.first, first.offset > cursor + 1, core.policy == .close {
                return connection.close(.tryAgainLater, reason: "too far behind")
            }
            send(entries, to: member, connection)
            guard let last = entries.last?.offset, last < tail else { return keepUp(member) }
            member.cursor = last
        }
        settle()
    }

    /// Hands all that a member has missed to its connection, since something else is to come after it.
    func handOver(_ member: Membership) {
        deliver()
        guard let cursor = member.cursor, let connection = member.socket.connection else { return }
        send(core.withLog { $0.entries(after: cursor) }, to: member, connection)
        keepUp(member)
    }

    private func send(_ entries: [RoomEntry], to member: Membership, _ connection: WebSocketConnection) {
        let own = entries.filter { $0.isFor(member.name) }
        for run in RoomBurst.runs(of: own) {
            RoomBurst(run, compressedBy: member.socket.compression, at: executor.eventLoop.now)
                .send(to: connection, compression: member.socket.compression)
        }
    }

    private func keepUp(_ member: Membership) {
        member.cursor = nil
        slow.removeAll { $0 === member }
        settle()
    }

    private func checkBound(of member: Membership, end: UInt64) {
        guard core.policy == .close, let cursor = member.cursor, let connection = member.socket.connection else {
            return
        }
        let read = core.withLog { $0.end(of: cursor) }
        if read.map({ end - $0 > UInt64(connection.outboundLimit) }) ?? true {
            connection.close(.tryAgainLater, reason: "too far behind")
        }
    }

    // MARK: Members

    /// Adds a member, which gets what is published from now on.
    func add(_ member: Membership) {
        deliver()
        if members.isEmpty { tail = core.enter(self) }
        member.group = self
        member.index = members.count
        members.append(member)
        compression = compression ?? member.socket.compression
    }

    func remove(_ member: Membership) {
        members[member.index] = members[members.count - 1]
        members[member.index].index = member.index
        members.removeLast()
        member.group = nil
        if member.cursor != nil { keepUp(member) }
        guard members.isEmpty else { return }
        compression = nil
        settle()
    }
}
