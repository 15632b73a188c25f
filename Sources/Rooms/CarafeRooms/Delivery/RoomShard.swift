import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// The part of a room on one event loop: its subscribers there, most of which have caught up.
// Unchecked: all mutable state is touched on the event loop only.
final class RoomShard: TickObserver, @unchecked Sendable {
    /// The work for the end of the tick; it keeps the room alive until then.
    private enum EndOfTick {
        case nothing
        case report(RoomStorage)
        /// Deliver first, and then report.
        case deliver(RoomStorage)
    }

    let executor: EventLoopExecutor
    // Unowned: the room keeps its shards, and each subscriber keeps the room.
    unowned let storage: RoomStorage
    private var sockets = ShardSockets()
    private var pulling: [PullSubscriber] = []
    /// The offset up to which the shard has delivered, and so the position of each live socket.
    private(set) var deliveredOffset: UInt64 = 0
    /// The last delivery, until the next report: most pull subscribers read exactly that.
    private var lastDelivery: (after: UInt64, batch: LogBatch)?
    /// The compression of the first socket that has one; its compressors are those of the event loop.
    private var compression: Compression?
    private var endOfTick = EndOfTick.nothing

    init(storage: RoomStorage, executor: EventLoopExecutor) {
        self.storage = storage
        self.executor = executor
    }

    private var isEmpty: Bool { sockets.isEmpty && pulling.isEmpty }

    // MARK: The end of a tick

    /// Schedules a delivery. All that is published on the event loop in one tick, in any number of rooms, is delivered
    /// in one task of the loop.
    func wake() {
        guard executor.eventLoop.inEventLoop else { return executor.eventLoop.execute { self.deliver() } }
        if case .nothing = endOfTick { executor.callAtEndOfTick(self) }
        endOfTick = .deliver(storage)
    }

    /// Reports progress once per tick, after woken subscribers have read, so that one scan covers them all.
    func reportAtEndOfTick() {
        guard case .nothing = endOfTick else { return }
        endOfTick = .report(storage)
        executor.callAtEndOfTick(self)
    }

    func tickEnded() {
        let due = endOfTick
        endOfTick = .nothing
        switch due {
        case .nothing: break
        case .report(let storage): reportProgress(to: storage)
        case .deliver(let storage):
            deliver()
            // After a delivery, the woken subscribers have read by the end of the next tick.
            if case .nothing = endOfTick { reportProgress(to: storage) }
        }
    }

    private func reportProgress(to storage: RoomStorage) {
        lastDelivery = nil
        var progress = ShardProgress(allAt: deliveredOffset)
        if isEmpty { progress.lowWatermark = nil }
        for socket in sockets.trailing { progress.include(socket.cursor) }
        for subscriber in pulling { progress.include(subscriber.cursor) }
        storage.update { [progress] in $0.report(progress, of: self) }
    }

    // MARK: Delivery

    /// Sends the undelivered entries to each socket, in one write, and wakes the pull subscribers.
    func deliver() {
        guard !isEmpty else { return }
        // The last subscriber may leave in the middle, and release the room.
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
        // While this loop was held up, others have filled the log: no socket here has read the dropped entries.
        let overtaken = batch.gap == nil ? [] : sockets.all.filter { $0.liveWriter != nil }
        for socket in overtaken { setLagging(socket, at: after) }
        for run in EncodedBatch.runs(of: batch.entries) where !sockets.isEmpty { deliver(run) }
        deliveredOffset = batch.last
        for socket in overtaken { socket.catchUpSoon(in: self) }
        if let end = batch.entries.last?.end.bytes {
            for socket in sockets.trailing { socket.closeIfBeyondLimit(end: end) }
        }
        for subscriber in pulling { subscriber.wake() }
        reportAtEndOfTick()
    }

    private func deliver(_ run: ArraySlice<LogEntry>) {
        let receivers = sockets.receivers(run[run.startIndex].audience)
        if receivers.isEmpty { return }
        let plain = sockets.wantsPlain ? encoded(run, .plain) : nil
        let items = sockets.wantsItems ? encoded(run, .items) : nil
        for socket in receivers {
            if let batch = socket.output.payload == .plain ? plain : items { send(batch, to: socket) }
        }
    }

    private func encoded(_ run: ArraySlice<LogEntry>, _ payload: SocketPayload) -> EncodedBatch? {
        EncodedBatch(run, as: payload, compressedBy: compression, at: executor.eventLoop.now)
    }

    private func send(_ batch: EncodedBatch, to subscriber: SocketSubscriber) {
        guard let writer = subscriber.liveWriter else { return }
        if batch.send(to: writer, compression: subscriber.output.socket.compression) { return }
        setLagging(subscriber, at: batch.entries[batch.entries.startIndex].offset - 1)
        subscriber.catchUpLater(in: self)
    }

    // MARK: Sockets

    /// Adds a socket; the entries after its start are kept until it is open.
    func add(_ socket: SocketSubscriber, from start: RoomStart) {
        let cursor = enter(from: start)
        // The delivery before it may have made it leave.
        guard !socket.hasLeft else { return reportAtEndOfTick() }
        socket.shard = self
        socket.cursor = cursor
        sockets.add(socket)
        guard cursor.offset < deliveredOffset else { return }
        // Kept until the report includes it.
        storage.update { $0.shards.keep(after: cursor.offset, for: self) }
        reportAtEndOfTick()
    }

    /// Opens a socket, which gets the entries after its start.
    func open(_ socket: SocketSubscriber) {
        if socket.shard === self { compression = compression ?? socket.output.socket.compression }
        socket.open()
    }

    func remove(_ socket: SocketSubscriber) {
        sockets.remove(socket)
        if sockets.isEmpty { compression = nil }
        if socket.trails || isEmpty { reportAtEndOfTick() }
    }

    private func setLagging(_ socket: SocketSubscriber, at offset: UInt64) {
        socket.beginLagging(at: offset)
        sockets.addTrailing(socket)
    }

    /// A socket has caught up, and gets each batch from now on.
    func setLive(_ socket: SocketSubscriber, on connection: WebSocketConnection) {
        sockets.removeTrailing(socket)
        reportAtEndOfTick()
        socket.becomeLive(on: connection)
    }

    // MARK: Pull subscribers

    /// Adds a pull subscriber; returns its first cursor.
    func add(_ subscriber: PullSubscriber, from start: RoomStart) -> Cursor {
        let cursor = enter(from: start)
        subscriber.index = pulling.count
        pulling.append(subscriber)
        if cursor.offset < deliveredOffset { reportAtEndOfTick() }
        return cursor
    }

    func remove(_ subscriber: PullSubscriber) {
        pulling.swapRemove(at: subscriber.index)?.index = subscriber.index
        // Otherwise the next delivery reports: thousands of polls come and go with each message.
        if isEmpty || subscriber.cursor.offset < deliveredOffset { reportAtEndOfTick() }
    }

    /// Reads a portion of the delivered entries after an offset; the next delivery has the others.
    func read(after offset: UInt64) -> LogBatch? {
        if offset == deliveredOffset { return nil }
        if let last = lastDelivery, last.after == offset, last.batch.byteCount <= PullSubscriber.portion {
            return last.batch
        }
        var batch = storage.update { $0.log.read(after: offset, upTo: PullSubscriber.portion) }
        if storage.policy == .latest { batch?.conflate() }
        return batch
    }

    // MARK: All subscribers

    /// Delivers to the others, and returns the cursor of a new subscriber, which is not past theirs.
    private func enter(from start: RoomStart) -> Cursor {
        deliver()
        if isEmpty { deliveredOffset = storage.update { $0.enter(self) } }
        if start == .now { return Cursor(offset: deliveredOffset) }
        var cursor = storage.update { $0.resolve(start, for: self) }
        // The next delivery has what was published since the last, and must be its only one.
        cursor.offset = min(cursor.offset, deliveredOffset)
        return cursor
    }

    /// Ends the sockets, streams and waiting polls of removed members.
    func end(_ removal: Wakes.Removal) {
        switch removal {
        case .one(let name):
            for socket in sockets.receivers([name]) { end(socket, .policyViolation, "removed") }
            for subscriber in pulling where subscriber.name == name { subscriber.end() }
        case .all:
            let named = sockets.all.filter { $0.output.name != nil }
            for socket in named { end(socket, .tryAgainLater, "the room was cut off") }
            for subscriber in pulling where subscriber.name != nil { subscriber.end() }
        }
    }

    /// Ends a socket, which has no place in the room any more.
    func end(_ subscriber: SocketSubscriber, _ code: CloseCode, _ reason: String) {
        let connection = subscriber.output.socket.connection
        subscriber.output.socket.remove(subscriber)
        subscriber.detach()
        connection?.close(code, reason: reason)
    }
}
