import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// Members that are behind hold a cursor and no queue, until their sockets take more.
extension RoomShard {
    /// Bytes that one is handed at a time: a quarter of what it may be behind by default, so that one that reads again is
    /// soon with the others.
    private static var catchUpLimit: UInt64 { 1 << 20 }

    /// At once as far as its socket takes it, and the rest later.
    func catchUpSoon(_ member: SocketSubscriber) {
        catchUp(member)
        if member.cursor != nil, let connection = member.socket.connection { catchUpLater(member, connection) }
    }

    func catchUpLater(_ member: SocketSubscriber, _ connection: WebSocketConnection) {
        Task.immediate(executorPreference: executor) {
            while member.cursor != nil, (try? await connection.waitUntilWritable()) != nil {
                catchUp(member)
            }
        }
    }

    /// Sends what a member has missed, as far as its socket takes it.
    private func catchUp(_ member: SocketSubscriber) {
        while let cursor = member.cursor, let connection = member.socket.connection, connection.takesMore {
            // What is after the tail comes with the next delivery.
            guard var reading = core.read(after: cursor, through: tail, upTo: Self.catchUpLimit) else {
                return setLevel(member)
            }
            if reading.isTrimmed, core.policy.closesOvertaken {
                return connection.close(.tryAgainLater, reason: "too far behind")
            }
            if core.policy == .latest { reading.conflate() }
            let read = send(reading, to: member, connection)
            // It may have left in its own write.
            guard member.cursor != nil else { return }
            if read >= tail { return setLevel(member) }
            member.cursor = read
        }
        settleSoon()
    }

    /// Up to where it was sent.
    private func send(_ reading: LogBatch, to member: SocketSubscriber, _ connection: WebSocketConnection) -> UInt64 {
        if let gap = reading.gap { tell(gap, to: member, connection) }
        for run in EncodedBatch.runs(of: reading.entries.filter { $0.isFor(member.name) }) {
            guard connection.takesMore else { return run[run.startIndex].offset - 1 }
            burst(run, for: member)?.send(to: connection, compression: member.socket.compression)
        }
        return reading.position.offset
    }

    private func burst(_ run: ArraySlice<LogEntry>, for member: SocketSubscriber) -> EncodedBatch? {
        EncodedBatch(run, as: member.form, compressedBy: member.socket.compression, at: executor.eventLoop.now)
    }

    func tell(_ gap: RoomGap, to member: SocketSubscriber, _ connection: WebSocketConnection) {
        guard member.form == .items else { return }
        connection.enqueue(FrameEncoder.encode(.message(.json(gap.item(list: core.list)))))
    }

    /// Hands all that a member has missed to its connection, which is about to be closed.
    func handOver(_ member: SocketSubscriber) {
        deliver()
        guard var cursor = member.cursor, let connection = member.socket.connection, connection.isOpen else { return }
        setLevel(member)
        while let reading = core.read(after: cursor, through: tail) {
            if reading.isTrimmed, core.policy.closesOvertaken {
                return connection.close(.tryAgainLater, reason: "too far behind")
            }
            if let gap = reading.gap { tell(gap, to: member, connection) }
            for run in EncodedBatch.runs(of: reading.entries.filter { $0.isFor(member.name) }) {
                burst(run, for: member)?.send(to: connection, compression: member.socket.compression)
            }
            cursor = reading.position.offset
        }
    }

    /// Closes a member that is too far behind. One that has not caught up since it came may also be behind by what it
    /// came for, the history.
    func checkBound(of member: SocketSubscriber, end: UInt64) {
        guard core.policy == .close, let cursor = member.cursor, let connection = member.socket.connection else {
            return
        }
        let limit = UInt64(connection.outboundLimit) + (member.wasLevel ? 0 : UInt64(max(core.historyLimit, 0)))
        if core.end(of: cursor).map({ end - $0 > limit }) ?? true {
            connection.close(.tryAgainLater, reason: "too far behind")
        }
    }
}
