import CarafeApp
import CarafeRuntime
import CarafeWebSocketCodec
import CarafeWebSocketTransport
import NIOCore

/// A socket that reads a room.
// Unchecked: all that changes is touched on the socket's event loop only.
final class SocketSubscriber: OutboundSource, @unchecked Sendable {
    /// What it gets.
    enum Payload {
        /// Messages as they are.
        case plain
        /// Items of the room's route, with their positions.
        case items
    }

    enum State {
        /// Its socket is not open yet; what is after its cursor is kept.
        case joining
        /// It gets each batch when the shard delivers it: its place is the shard's `deliveredOffset`, and not its cursor.
        case live
        /// Its socket takes no more, or has just opened; it goes on after its cursor.
        case lagging
        case left
    }

    /// Bytes that one that lags reads at a time: a quarter of what it may be behind by default, so that one that reads
    /// again has soon caught up.
    private static let catchUpLimit: UInt64 = 1 << 20

    let storage: RoomStorage
    let socket: WebSocket
    /// The bytes of its name.
    let name: [UInt8]?
    let payload: Payload
    /// Whether it has asked for a word with each ping.
    let wantsBeat: Bool

    private(set) var state = State.joining
    var cursor = Cursor()
    /// From when it is added until it leaves.
    var shard: RoomShard?
    /// Where it is in the shard's list of all sockets, and of those that trail.
    var index = 0
    var trailingIndex = 0
    private var waiters: [UnsafeContinuation<Void, Never>] = []

    init(
        storage: RoomStorage, socket: WebSocket, name: String?, payload: Payload = .plain, wantsBeat: Bool = false
    ) {
        self.storage = storage
        self.socket = socket
        self.payload = payload
        self.wantsBeat = wantsBeat
        self.name = name.map { Array($0.utf8) }
    }

    /// Whether its cursor is its own, and not the shard's.
    var trails: Bool { state == .joining || state == .lagging }

    // MARK: State

    /// Its socket takes no more: it has read up to the cursor.
    func beginLagging(at offset: UInt64) {
        cursor.offset = offset
        state = .lagging
    }

    func becomeLive() {
        state = .live
        cursor.hasCaughtUp = true
        resumeWaiters()
    }

    private func leave() {
        state = .left
        resumeWaiters()
    }

    private func resumeWaiters() {
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it has all that was said before, or has left.
    private func waitUntilCaughtUp() async {
        guard state == .lagging else { return }
        // Unsafe: it leaves `waiters` once, on the event loop, and is then resumed.
        await withUnsafeContinuation { waiters.append($0) }
    }

    // MARK: Its beginning

    /// Its socket is open: one that gets items is told where it begins, and then each gets what is after that.
    func open() {
        // It may have left.
        guard state == .joining, let shard, let connection = socket.connection else { return }
        state = .lagging
        let gap = cursor.takeGap()
        if payload == .items {
            let place = RoomPosition(offset: cursor.offset, epoch: storage.epoch)
            let beat = beat(on: connection)
            let item = gap?.item(list: storage.list, beat: beat) ?? place.item(list: storage.list, beat: beat)
            connection.enqueue(FrameEncoder.encode(.message(.json(item))))
        }
        guard state == .lagging else { return }
        catchUpSoon(in: shard)
    }

    /// Has a word sent with each ping, if it was asked for, and returns after how many seconds that is.
    private func beat(on connection: WebSocketConnection) -> Int64? {
        guard wantsBeat else { return nil }
        let seconds = max(connection.pingInterval.nanoseconds / 1_000_000_000, 1)
        connection.beat = ByteBuffer(string: "{\"beat\":\(seconds)}")
        return seconds
    }

    // MARK: Catching up

    /// At once as far as its socket takes it, and the rest later.
    func catchUpSoon(in shard: RoomShard) {
        catchUp(in: shard)
        if trails, let connection = socket.connection { catchUpLater(in: shard, connection) }
    }

    func catchUpLater(in shard: RoomShard, _ connection: WebSocketConnection) {
        Task.immediate(executorPreference: shard.executor) {
            while trails, (try? await connection.waitUntilWritable()) != nil { catchUp(in: shard) }
        }
    }

    /// Sends what it has missed, as far as its socket takes it.
    private func catchUp(in shard: RoomShard) {
        while trails, let connection = socket.connection, connection.takesMore {
            // What is after the delivered offset comes with the next delivery.
            guard var batch = read(through: shard.deliveredOffset, upTo: Self.catchUpLimit) else {
                return shard.setLive(self)
            }
            if closeIfOvertaken(by: batch, connection) { return }
            if storage.policy == .latest { batch.conflate() }
            let read = send(batch, on: connection) { connection.takesMore }
            // It may have left in its own write.
            guard trails else { return }
            if read >= shard.deliveredOffset { return shard.setLive(self) }
            cursor.offset = read
        }
        shard.reportAtEndOfTick()
    }

    /// Hands all that it has missed to its connection, which is about to be closed.
    func flushBeforeClose() {
        guard let shard else { return }
        shard.deliver()
        guard trails, let connection = socket.connection, connection.isOpen else { return }
        shard.setLive(self)
        while let batch = read(through: shard.deliveredOffset) {
            if closeIfOvertaken(by: batch, connection) { return }
            cursor.offset = send(batch, on: connection) { true }
        }
    }

    private func read(through bound: UInt64, upTo byteLimit: UInt64 = .max) -> LogBatch? {
        storage.update { [offset = cursor.offset] in $0.read(after: offset, through: bound, upTo: byteLimit) }
    }

    /// Sends a batch while `mayWrite`; returns up to where it was sent.
    private func send(_ batch: LogBatch, on connection: WebSocketConnection, while mayWrite: () -> Bool) -> UInt64 {
        if let gap = batch.gap, payload == .items {
            connection.enqueue(FrameEncoder.encode(.message(.json(gap.item(list: storage.list)))))
        }
        for run in EncodedBatch.runs(of: batch.entries.filter { $0.isFor(name) }) {
            guard mayWrite() else { return run[run.startIndex].offset - 1 }
            let compression = socket.compression
            EncodedBatch(run, as: payload, compressedBy: compression, at: socket.executor.eventLoop.now)?
                .send(to: connection, compression: compression)
        }
        return batch.position.offset
    }

    // MARK: Its bound

    /// Closes a socket for which the log no longer holds everything, where the room says so.
    private func closeIfOvertaken(by batch: LogBatch, _ connection: WebSocketConnection) -> Bool {
        guard batch.isTrimmed, storage.policy.closesOvertaken else { return false }
        connection.close(.tryAgainLater, reason: "too far behind")
        return true
    }

    /// Closes a socket that is too far behind. One that has not caught up since it came may also be behind by the history
    /// that it came for.
    func closeIfBeyondLimit(end: UInt64) {
        guard storage.policy == .close, trails, let connection = socket.connection else { return }
        let limit =
            UInt64(connection.outboundLimit) + (cursor.hasCaughtUp ? 0 : UInt64(max(storage.historyLimit, 0)))
        let start = storage.update { [offset = cursor.offset] in $0.engine.end(of: offset) }
        if start.map({ end - $0 > limit }) ?? true { connection.close(.tryAgainLater, reason: "too far behind") }
    }

    // MARK: The socket's calls

    func drain() async {
        shard?.deliver()
        await waitUntilCaughtUp()
    }

    func detach() {
        guard state != .left else { return }
        let shard = shard
        shard?.remove(self)
        leave()
        self.shard = nil
        if let name { storage.disconnect(name, on: socket.executor.eventLoop) }
    }
}
