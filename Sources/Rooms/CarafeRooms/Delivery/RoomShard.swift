import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// A room's part on one event loop: its subscribers there, of which nearly all have caught up.
// Unchecked: all that changes is touched on the event loop only.
final class RoomShard: EventLoopTickMember, @unchecked Sendable {
    /// What is to be done at the end of the loop's tick, with the room, which lives until then.
    private enum EndOfTick {
        case nothing
        case report(RoomStorage)
        /// Deliver first, and then report.
        case deliver(RoomStorage)
    }

    let executor: EventLoopExecutor
    // Unowned: the room keeps its shards, and each subscriber keeps the room.
    unowned let storage: RoomStorage
    private var sockets: [SocketSubscriber] = []
    private var named: [[UInt8]: [SocketSubscriber]] = [:]
    /// How many sockets get items.
    private var itemSocketCount = 0
    /// The sockets that join, or lag.
    private var trailing: [SocketSubscriber] = []
    private var pulling: [PullSubscriber] = []
    /// Up to where the loop has delivered, and so the place of each live socket.
    private(set) var deliveredOffset: UInt64 = 0
    /// The last delivery, until the next report: most pull subscribers read just that.
    private var lastDelivery: (after: UInt64, batch: LogBatch)?
    /// How the first socket that wants it compresses; its compressors are those of the event loop.
    private var compression: Compression?
    private var endOfTick = EndOfTick.nothing

    init(storage: RoomStorage, executor: EventLoopExecutor) {
        self.storage = storage
        self.executor = executor
    }

    private var isEmpty: Bool { sockets.isEmpty && pulling.isEmpty }

    // MARK: The end of a tick

    /// There is something to deliver. What code on the loop publishes in one tick, in however many rooms, is one task of
    /// the loop.
    func wake() {
        guard executor.eventLoop.inEventLoop else { return executor.eventLoop.execute { self.deliver() } }
        deliverAtEndOfTick()
    }

    private func deliverAtEndOfTick() {
        if case .nothing = endOfTick { executor.callAtEndOfTick(self) }
        endOfTick = .deliver(storage)
    }

    /// By then those that were woken have read, and one look at all is enough.
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
            // Where something was delivered, those that were woken have read by the end of the next tick.
            if case .nothing = endOfTick { reportProgress(to: storage) }
        }
    }

    private func reportProgress(to storage: RoomStorage) {
        lastDelivery = nil
        var progress = ShardProgress(allAt: deliveredOffset)
        if isEmpty { progress.lowWatermark = nil }
        for socket in trailing { progress.include(socket.cursor) }
        for subscriber in pulling { progress.include(subscriber.cursor) }
        storage.update { [progress] in $0.report(progress, of: self) }
    }

    // MARK: Delivery

    /// Sends what is new to each socket, in one write, and lets the pull subscribers go on.
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
        // While this loop was held up, others have filled the log: nobody here has read what is gone.
        let overtaken = batch.gap == nil ? [] : sockets.filter { $0.state == .live }
        for socket in overtaken { setLagging(socket, at: after) }
        for run in EncodedBatch.runs(of: batch.entries) where !sockets.isEmpty { deliver(run) }
        deliveredOffset = batch.position.offset
        for socket in overtaken { socket.catchUpSoon(in: self) }
        if let end = batch.entries.last?.end.bytes {
            for socket in trailing { socket.closeIfBeyondLimit(end: end) }
        }
        for subscriber in pulling { subscriber.wake() }
        reportAtEndOfTick()
    }

    private func deliver(_ run: ArraySlice<LogEntry>) {
        let receivers: [SocketSubscriber]
        if let audience = run[run.startIndex].audience {
            receivers = audience.flatMap { named[$0] ?? [] }
        } else {
            receivers = sockets
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

    /// Adds a socket, for which what is after its start is kept until it is open.
    func add(_ socket: SocketSubscriber, from start: RoomStart) {
        let cursor = enter(from: start)
        // What was just delivered may have made it leave.
        guard socket.state != .left else { return reportAtEndOfTick() }
        socket.shard = self
        socket.cursor = cursor
        socket.index = sockets.count
        sockets.append(socket)
        if let name = socket.name { named[name, default: []].append(socket) }
        if socket.payload == .items { itemSocketCount += 1 }
        socket.trailingIndex = trailing.count
        trailing.append(socket)
        guard cursor.offset < deliveredOffset else { return }
        // Kept until all have been looked at.
        storage.update { $0.keep(after: cursor.offset, for: self) }
        reportAtEndOfTick()
    }

    /// Its socket is open, and gets what is after its start.
    func open(_ socket: SocketSubscriber) {
        if socket.shard === self { compression = compression ?? socket.socket.compression }
        socket.open()
    }

    func remove(_ socket: SocketSubscriber) {
        sockets.swapRemove(at: socket.index)?.index = socket.index
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
        socket.trailingIndex = trailing.count
        trailing.append(socket)
    }

    /// It has caught up: from now on it gets each batch.
    func setLive(_ socket: SocketSubscriber) {
        removeFromTrailing(socket)
        socket.becomeLive()
    }

    private func removeFromTrailing(_ socket: SocketSubscriber) {
        trailing.swapRemove(at: socket.trailingIndex)?.trailingIndex = socket.trailingIndex
        reportAtEndOfTick()
    }

    // MARK: Pull subscribers

    /// Adds a pull subscriber; returns where it begins.
    func add(_ subscriber: PullSubscriber, from start: RoomStart) -> Cursor {
        let cursor = enter(from: start)
        subscriber.index = pulling.count
        pulling.append(subscriber)
        if cursor.offset < deliveredOffset { reportAtEndOfTick() }
        return cursor
    }

    func remove(_ subscriber: PullSubscriber) {
        pulling.swapRemove(at: subscriber.index)?.index = subscriber.index
        // Else the next delivery reports: thousands of polls come and go with each message.
        if isEmpty || subscriber.cursor.offset < deliveredOffset { reportAtEndOfTick() }
    }

    /// Reads what is after an offset, a portion of it; what was not delivered comes with the next delivery.
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

    /// Delivers to the others first; returns where a subscriber begins, which is never past them.
    private func enter(from start: RoomStart) -> Cursor {
        deliver()
        if isEmpty { deliveredOffset = storage.update { $0.enter(self) } }
        if start == .now { return Cursor(offset: deliveredOffset) }
        var cursor = storage.update { $0.resolve(start, for: self) }
        // What was published since the delivery comes with the next one, and once.
        cursor.offset = min(cursor.offset, deliveredOffset)
        return cursor
    }

    /// Ends what somebody of this name reads by: sockets with 1008, streams, and polls that wait.
    func end(_ name: [UInt8]) {
        for socket in named[name] ?? [] {
            let connection = socket.socket.connection
            socket.socket.remove(socket)
            socket.detach()
            connection?.close(.policyViolation, reason: "removed")
        }
        for subscriber in pulling where subscriber.name == name { subscriber.end() }
    }
}

extension Array {
    /// Removes an element in constant time; returns the last, which has taken its place, if it was another.
    fileprivate mutating func swapRemove(at index: Int) -> Element? {
        let last = removeLast()
        guard index < count else { return nil }
        self[index] = last
        return last
    }
}
