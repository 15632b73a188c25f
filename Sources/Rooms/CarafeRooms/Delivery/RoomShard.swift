import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// The part of a room on one event loop: its subscribers there, nearly all of which have caught up.
// Unchecked: all that changes is touched on the event loop only.
final class RoomShard: EventLoopTickMember, @unchecked Sendable {
    /// The work that is due at the end of the loop's tick. It retains the room until then.
    private enum EndOfTick {
        case nothing
        case report(RoomStorage)
        /// Deliver, and then report.
        case deliver(RoomStorage)
    }

    let executor: EventLoopExecutor
    // Unowned: the room keeps its shards, and each subscriber keeps the room.
    unowned let storage: RoomStorage
    private var sockets = IndexedList<SocketSubscriber>(by: \.index)
    private var named: [[UInt8]: [SocketSubscriber]] = [:]
    /// The number of sockets that get items.
    private var itemSocketCount = 0
    /// The sockets with a cursor of their own: those that join or lag.
    private var trailing = IndexedList<SocketSubscriber>(by: \.trailingIndex)
    private var pulling = IndexedList<PullSubscriber>(by: \.index)
    /// The offset up to which the loop has delivered, which is the cursor of each live socket.
    private(set) var deliveredOffset: UInt64 = 0
    /// The last delivery, until the next report: most pull subscribers read just this batch.
    private var lastDelivery: (after: UInt64, batch: LogBatch)?
    /// The compression of the first socket that negotiated it; the compressors are the event loop's.
    private var compression: Compression?
    private var endOfTick = EndOfTick.nothing

    init(storage: RoomStorage, executor: EventLoopExecutor) {
        self.storage = storage
        self.executor = executor
    }

    private var isEmpty: Bool { sockets.isEmpty && pulling.isEmpty }

    // MARK: The end of a tick

    /// Schedules a delivery. All messages that code on the loop publishes in one tick, in any number of rooms, make one
    /// task of the loop.
    func wake() {
        guard executor.eventLoop.inEventLoop else { return executor.eventLoop.execute { self.deliver() } }
        deliverAtEndOfTick()
    }

    private func deliverAtEndOfTick() {
        if case .nothing = endOfTick { executor.callAtEndOfTick(self) }
        endOfTick = .deliver(storage)
    }

    /// Reports after the subscribers that were resumed have read, so that one report covers all of them.
    func reportAtEndOfTick() {
        guard case .nothing = endOfTick else { return }
        endOfTick = .report(storage)
        executor.callAtEndOfTick(self)
    }

    func endTick() {
        let due = endOfTick
        endOfTick = .nothing
        switch due {
        case .nothing: break
        case .report(let storage): reportProgress(to: storage)
        case .deliver(let storage):
            deliver()
            // After a delivery the resumed subscribers have read by the end of the next tick.
            if case .nothing = endOfTick { reportProgress(to: storage) }
        }
    }

    private func reportProgress(to storage: RoomStorage) {
        lastDelivery = nil
        var progress = ShardProgress(allAt: deliveredOffset)
        if isEmpty { progress.lowWatermark = nil }
        for socket in trailing.elements { progress.include(socket.cursor) }
        for subscriber in pulling.elements { progress.include(subscriber.cursor) }
        storage.update { [progress] in $0.report(progress, of: self) }
    }

    // MARK: Delivery

    /// Sends the new entries to each socket, in one write, and wakes the pull subscribers.
    func deliver() {
        guard !isEmpty else { return }
        // The last subscriber may leave in the middle, and with it the room.
        withExtendedLifetime(storage) {
            // In a turn: a write that fails may wake a handler, which must not run in the middle of this.
            executor.turn { deliverUndelivered() }
        }
    }

    private func deliverUndelivered() {
        let after = deliveredOffset
        guard var batch = storage.update({ $0.readUndelivered(by: self, after: after) }) else { return }
        if storage.policy == .latest { batch.conflate() }
        lastDelivery = (after, batch)
        // Other loops have filled the log while this one was busy: no subscriber here has read the dropped entries.
        let overtaken = batch.gap == nil ? [] : sockets.elements.filter { $0.state == .live }
        for socket in overtaken { setLagging(socket, at: after) }
        for run in EncodedBatch.runs(of: batch.entries) where !sockets.isEmpty { deliver(run) }
        deliveredOffset = batch.position.offset
        for socket in overtaken { socket.catchUpSoon(in: self) }
        if let end = batch.entries.last?.end.bytes {
            for socket in trailing.elements { socket.closeIfBeyondLimit(end: end) }
        }
        for subscriber in pulling.elements { subscriber.wake() }
        reportAtEndOfTick()
    }

    private func deliver(_ run: ArraySlice<LogEntry>) {
        let receivers: [SocketSubscriber]
        if let audience = run[run.startIndex].audience {
            receivers = audience.flatMap { named[$0] ?? [] }
        } else {
            receivers = sockets.elements
        }
        if receivers.isEmpty { return }
        let plain = itemSocketCount < sockets.count ? encoded(run, .plain) : nil
        let items = itemSocketCount > 0 ? encoded(run, .items) : nil
        for socket in receivers {
            if let batch = socket.payload == .plain ? plain : items { send(batch, to: socket) }
        }
    }

    private func encoded(_ run: ArraySlice<LogEntry>, _ payload: SocketSubscriber.Payload) -> EncodedBatch? {
        EncodedBatch(run, as: payload, compressedBy: compression, at: executor.eventLoop.now)
    }

    private func send(_ batch: EncodedBatch, to socket: SocketSubscriber) {
        guard socket.state == .live, let connection = socket.socket.connection else { return }
        if connection.takesMore {
            batch.send(to: connection, compression: socket.socket.compression)
        } else {
            setLagging(socket, at: batch.entries[batch.entries.startIndex].offset - 1)
            socket.catchUpLater(in: self, connection)
        }
    }

    // MARK: Sockets

    /// Adds a socket. The log keeps the entries after its start until it is open.
    func add(_ socket: SocketSubscriber, from start: RoomStart) {
        let cursor = enter(from: start)
        // The delivery may have made it leave.
        guard socket.state != .left else { return reportAtEndOfTick() }
        socket.shard = self
        socket.cursor = cursor
        sockets.append(socket)
        if let name = socket.name { named[name, default: []].append(socket) }
        if socket.payload == .items { itemSocketCount += 1 }
        trailing.append(socket)
        guard cursor.offset < deliveredOffset else { return }
        // Kept until the next report.
        storage.update { $0.keep(after: cursor.offset, for: self) }
        reportAtEndOfTick()
    }

    /// Opens a socket, which gets the entries after its start.
    func open(_ socket: SocketSubscriber) {
        if socket.shard === self { compression = compression ?? socket.socket.compression }
        socket.open()
    }

    func remove(_ socket: SocketSubscriber) {
        sockets.remove(socket)
        if socket.payload == .items { itemSocketCount -= 1 }
        if let name = socket.name {
            named[name]?.removeAll { $0 === socket }
            if named[name]?.isEmpty == true { named[name] = nil }
        }
        if socket.trails { removeFromTrailing(socket) }
        if sockets.isEmpty { compression = nil }
        if isEmpty { reportAtEndOfTick() }
    }

    private func setLagging(_ socket: SocketSubscriber, at offset: UInt64) {
        socket.beginLagging(at: offset)
        trailing.append(socket)
    }

    /// Makes a socket live that has caught up: from now on it gets each batch.
    func setLive(_ socket: SocketSubscriber) {
        removeFromTrailing(socket)
        socket.becomeLive()
    }

    private func removeFromTrailing(_ socket: SocketSubscriber) {
        trailing.remove(socket)
        reportAtEndOfTick()
    }

    // MARK: Pull subscribers

    /// Adds a pull subscriber; returns where it begins.
    func add(_ subscriber: PullSubscriber, from start: RoomStart) -> Cursor {
        let cursor = enter(from: start)
        pulling.append(subscriber)
        if cursor.offset < deliveredOffset { reportAtEndOfTick() }
        return cursor
    }

    func remove(_ subscriber: PullSubscriber) {
        pulling.remove(subscriber)
        // Otherwise the next delivery reports: thousands of polls come and go with each message.
        if isEmpty || subscriber.cursor.offset < deliveredOffset { reportAtEndOfTick() }
    }

    /// Reads up to a portion of the delivered entries after an offset. Newer entries come with the next delivery.
    func read(after offset: UInt64) -> LogBatch? {
        if offset == deliveredOffset { return nil }
        if let last = lastDelivery, last.after == offset, last.batch.byteCount <= PullSubscriber.portion {
            return last.batch
        }
        var batch = storage.update { $0.read(after: offset, upTo: PullSubscriber.portion) }
        if storage.policy == .latest { batch?.conflate() }
        return batch
    }

    // MARK: Both

    /// Delivers to the present subscribers, and returns where a new one begins, which is never past the delivered
    /// offset.
    private func enter(from start: RoomStart) -> Cursor {
        deliver()
        if isEmpty { deliveredOffset = storage.update { $0.enter(self) } }
        if start == .now { return Cursor(offset: deliveredOffset) }
        var cursor = storage.update { $0.resolve(start, for: self) }
        // An entry that was published since the delivery comes with the next one, and once.
        cursor.offset = min(cursor.offset, deliveredOffset)
        return cursor
    }

    /// Ends all subscribers of a name: sockets with 1008, streams, and waiting polls.
    func end(_ name: [UInt8]) {
        for socket in named[name] ?? [] {
            let connection = socket.socket.connection
            socket.socket.remove(socket)
            socket.detach()
            connection?.close(.policyViolation, reason: "removed")
        }
        for subscriber in pulling.elements where subscriber.name == name { subscriber.end() }
    }
}
