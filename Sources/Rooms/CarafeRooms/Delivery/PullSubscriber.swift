import CarafeApp
import CarafeRuntime
import NIOCore

/// A stream or a poll: reads a room's log at its own pace, and waits where it ends; on one event loop only.
// Unchecked: all that changes is touched on the event loop only.
final class PullSubscriber: @unchecked Sendable {
    /// Bytes that it reads at a time, and so may hold when its client does not read.
    static let portion: UInt64 = 64 << 10

    private enum State {
        case reading
        /// Its task waits for an entry.
        case waiting(UnsafeContinuation<Void, Never>)
        /// Its member was removed.
        case ended
    }

    let shard: RoomShard
    /// The bytes of the name for which it reads.
    let name: [UInt8]?
    private(set) var cursor = Cursor()
    private var state = State.reading
    /// Whether the time of `next` is over.
    private var isOverdue = false
    /// Where it is in the shard's list.
    var index = 0
    /// Takes what comes at once, without a task that goes on for it, and returns for how long `next` shall wait from then
    /// on; with nil it leaves the batch to `next`.
    var receive: ((LogBatch) -> TimeAmount?)?
    private lazy var timer = DeadlineTimer(eventLoop: shard.executor.eventLoop) { [unowned self] in expire() }

    init(_ start: RoomStart, shard: RoomShard, name: [UInt8]?) {
        self.shard = shard
        self.name = name
        cursor = shard.add(self, from: start)
    }

    /// A subscriber on the event loop of a connection; one that was admitted before a removal may be the one who was
    /// removed.
    convenience init(
        _ storage: RoomStorage, _ start: RoomStart, on executor: EventLoopExecutor, as name: String?,
        admittedAt removals: UInt64
    ) {
        self.init(start, shard: storage.shard(of: executor), name: name.map { Array($0.utf8) })
        if name != nil, storage.removals != removals { state = .ended }
    }

    var position: RoomPosition { RoomPosition(offset: cursor.offset, epoch: shard.storage.epoch) }

    var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    /// What is missing before its position, to be told first.
    func takeGap() -> RoomGap? { cursor.takeGap() }

    // MARK: Its task

    /// What came after the last call and was not received; nil when nothing came in this time.
    ///
    /// Throws `CancellationError` after `cancel`, and returns nil after `end`.
    func next(within time: TimeAmount) async throws -> LogBatch? {
        isOverdue = time <= .zero
        if !isOverdue { timer.set(in: time) }
        defer { timer.clear() }
        while true {
            if isEnded { return nil }
            if let batch = nextBatch() { return batch }
            if isOverdue { return nil }
            await wait()
            try Task.checkCancellation()
        }
    }

    private func wait() async {
        // Unsafe: it leaves `state` once, on the event loop, and is then resumed.
        await withUnsafeContinuation { continuation in
            state = .waiting(continuation)
            // A cancellation after this finds it. What is published after `nextBatch` wakes the shard later in this loop.
            if Task.isCancelled { resume() }
        }
    }

    private func resume() {
        guard case .waiting(let continuation) = state else { return }
        state = .reading
        continuation.resume()
    }

    /// To be called when the task that reads is cancelled: once around all that it reads, not for each message.
    func cancel() {
        shard.executor.eventLoop.execute { self.resume() }
    }

    /// The time of the wait is over.
    func expire() {
        isOverdue = true
        resume()
    }

    /// It gets nothing any more.
    func end() {
        resume()
        state = .ended
    }

    /// To be called when it is not needed any more.
    func close() {
        timer.cancel()
        shard.remove(self)
    }

    // MARK: Reading

    /// Something is new.
    func wake() {
        guard let receive, case .waiting = state else { return resume() }
        while true {
            let before = cursor
            guard let batch = nextBatch() else { return }
            guard let time = receive(batch) else {
                cursor = before
                return resume()
            }
            timer.set(in: time)
        }
    }

    /// Reads what is there, without what is for others; nil when that is nothing.
    // Not inlined: what it works with would be in the frame of each task that waits.
    @inline(never)
    private func nextBatch() -> LogBatch? {
        while var batch = shard.read(after: cursor.offset) {
            cursor.advance(past: batch)
            shard.reportAtEndOfTick()
            batch.gap = cursor.takeGap()
            if !batch.entries.allSatisfy({ $0.isFor(name) }) { batch.entries.removeAll { !$0.isFor(name) } }
            if batch.gap != nil || !batch.entries.isEmpty { return batch }
        }
        cursor.hasCaughtUp = true
        guard let gap = cursor.takeGap() else { return nil }
        return LogBatch(gap: gap, entries: [], position: position)
    }
}

/// Where a subscriber begins.
enum RoomStart: Sendable, Equatable {
    case now
    case after(RoomPosition)
    /// So many entries before the end.
    case newest(Int)
}
