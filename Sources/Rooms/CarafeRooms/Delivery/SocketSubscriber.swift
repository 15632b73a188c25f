import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// A socket that reads a room.
// Unchecked: all mutable state is touched on the socket's event loop only.
final class SocketSubscriber: OutboundSource, @unchecked Sendable {
    enum State {
        /// The socket is not open yet; the entries after the cursor are kept for it.
        case joining
        /// The shard delivers each batch to the writer: the position is the shard's `deliveredOffset`, and not its
        /// cursor. The writer is kept here since each delivery needs it, and each object on the way to it is one more
        /// line of memory to fetch.
        case live(FrameWriter)
        /// The socket is not writable, or has just opened; its cursor is its position.
        case lagging
        case left
    }

    /// The size of a batch for a lagging socket: a quarter of `outboundLimit` by default, so that it catches up soon
    /// after it has become writable.
    private static let catchUpLimit: UInt64 = 1 << 20

    let storage: RoomStorage
    let output: SocketOutput

    private(set) var state = State.joining
    var cursor = Cursor()
    /// The shard, from `add` until the subscriber leaves.
    var shard: RoomShard?
    /// The indices in the shard's lists of all sockets and of those with a cursor of their own.
    var index = 0
    var trailingIndex = 0
    private var waiters: [UnsafeContinuation<Void, Never>] = []
    /// The end of the permission to be here.
    private var expiry: Scheduled<Void>?

    init(storage: RoomStorage, output: SocketOutput) {
        self.storage = storage
        self.output = output
    }

    private var connection: WebSocketConnection? { output.socket.connection }

    /// Whether the subscriber has a cursor of its own, and not the shard's position.
    var trails: Bool {
        switch state {
        case .joining, .lagging: true
        case .live, .left: false
        }
    }

    /// The writer of a live socket.
    var liveWriter: FrameWriter? {
        if case .live(let writer) = state { writer } else { nil }
    }

    var hasLeft: Bool {
        if case .left = state { true } else { false }
    }

    // MARK: State

    /// The socket is not writable, and has everything up to an offset.
    func beginLagging(at offset: UInt64) {
        cursor.offset = offset
        state = .lagging
    }

    func becomeLive(on connection: WebSocketConnection) {
        state = .live(connection.output)
        cursor.hasCaughtUp = true
        resumeWaiters()
    }

    private func resumeWaiters() {
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// The socket is open: the subscriber sends where it begins, and then the entries after that.
    func open() {
        // It may have left.
        guard case .joining = state, let shard, let connection else { return }
        state = .lagging
        let gap = cursor.takeGap()
        if output.payload == .items {
            let position = storage.position(of: cursor.offset)
            output.sendBeginning(position, after: gap, list: storage.list, on: connection)
        }
        // It may have left in its own write.
        guard case .lagging = state else { return }
        catchUpSoon(in: shard)
    }

    // MARK: Catching up

    /// Sends at once as much as the socket takes, and the rest later.
    func catchUpSoon(in shard: RoomShard) {
        catchUp(in: shard)
        if trails { catchUpLater(in: shard) }
    }

    func catchUpLater(in shard: RoomShard) {
        guard let connection else { return }
        Task.immediate(executorPreference: shard.executor) {
            while trails, (try? await connection.waitUntilWritable()) != nil { catchUp(in: shard) }
        }
    }

    /// Sends the entries after the cursor while the socket is writable.
    private func catchUp(in shard: RoomShard) {
        while trails, let connection, connection.takesMore {
            // The next delivery has the entries after the delivered offset.
            guard var batch = read(through: shard.deliveredOffset, upTo: Self.catchUpLimit) else {
                return shard.setLive(self, on: connection)
            }
            if closeIfOvertaken(by: batch, connection) { return }
            if storage.policy == .latest { batch.conflate() }
            let read = send(batch, on: connection) { connection.takesMore }
            // It may have left in its own write.
            guard trails else { return }
            if read >= shard.deliveredOffset { return shard.setLive(self, on: connection) }
            cursor.offset = read
        }
        shard.reportAtEndOfTick()
    }

    private func read(through bound: UInt64, upTo byteLimit: UInt64 = .max) -> LogBatch? {
        storage.update { [offset = cursor.offset] in $0.log.read(after: offset, through: bound, upTo: byteLimit) }
    }

    private func send(_ batch: LogBatch, on connection: WebSocketConnection, while mayWrite: () -> Bool) -> UInt64 {
        if let gap = batch.gap, output.payload == .items { output.send(gap, list: storage.list, on: connection) }
        return output.send(batch, on: connection, while: mayWrite)
    }

    // MARK: Limits

    /// Closes a socket whose next entries the log no longer has, if the policy says so.
    private func closeIfOvertaken(by batch: LogBatch, _ connection: WebSocketConnection) -> Bool {
        guard batch.isTrimmed, storage.policy.closesOvertaken else { return false }
        connection.close(.tryAgainLater, reason: "too far behind")
        return true
    }

    /// Closes a socket that lags too far behind the end of the log, in bytes. One that has not caught up since it
    /// joined may also lag by the history that it asked for.
    func closeIfBeyondLimit(end: UInt64) {
        guard storage.policy == .close, trails, let connection else { return }
        let limit =
            UInt64(connection.outboundLimit) + (cursor.hasCaughtUp ? 0 : UInt64(max(storage.historyLimit, 0)))
        let start = storage.update { [offset = cursor.offset] in $0.log.end(of: offset) }
        if start.map({ end - $0 > limit }) ?? true { connection.close(.tryAgainLater, reason: "too far behind") }
    }

    // MARK: The end

    /// Sends the entries after the cursor, and leaves before the socket's handler ends.
    func leaveRoom() {
        flushBeforeClose()
        output.socket.remove(self)
        detach()
    }

    /// Passes all undelivered entries to the connection, which is about to be closed.
    func flushBeforeClose() {
        guard let shard else { return }
        shard.deliver()
        guard trails, let connection, connection.isOpen else { return }
        shard.setLive(self, on: connection)
        while let batch = read(through: shard.deliveredOffset) {
            if closeIfOvertaken(by: batch, connection) { return }
            cursor.offset = send(batch, on: connection) { true }
        }
    }

    /// Waits until the subscriber has caught up, or has left.
    func drain() async {
        shard?.deliver()
        guard case .lagging = state else { return }
        // Unsafe: each continuation leaves `waiters` once, on the event loop, and is then resumed.
        await withUnsafeContinuation { waiters.append($0) }
    }

    /// Ends the socket after a time, unless it has left.
    func expire(in time: TimeAmount) {
        guard !hasLeft else { return }
        expiry = output.socket.executor.eventLoop.scheduleTask(in: time) { [weak self] in
            guard let self else { return }
            shard?.end(self, .policyViolation, "the permission has ended")
        }
    }

    func detach() {
        guard !hasLeft else { return }
        expiry?.cancel()
        let shard = shard
        shard?.remove(self)
        state = .left
        resumeWaiters()
        self.shard = nil
        if let name = output.name { storage.disconnect(name, on: output.socket.executor.eventLoop) }
    }
}
