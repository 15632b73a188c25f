import CarafeApp
import CarafeRuntime
import NIOCore

/// A stream or a poll: reads a room's log at its own pace, and waits where it ends; on one event loop only.
// Unchecked: all that changes is touched on the event loop only.
final class PullSubscriber: @unchecked Sendable {
    /// The number of bytes that it reads at a time, and so holds while its client does not read: 64 KiB.
    static let portion: UInt64 = 64 << 10

    private enum State {
        case reading
        /// Its task waits for an entry.
        case waiting(UnsafeContinuation<Void, Never>)
        /// Its member was removed from the room.
        case ended
    }

    let shard: RoomShard
    /// The bytes of the name for which it reads.
    let name: [UInt8]?
    private(set) var cursor = Cursor()
    private var state = State.reading
    /// Whether the time limit of `next` has passed.
    private var isOverdue = false
    /// Its index in the shard's list.
    var index = 0
    /// Takes a batch as it is delivered, without resuming the task, and returns the time limit of `next` from then on;
    /// nil leaves the batch to `next`.
    var receive: ((LogBatch) -> TimeAmount?)?
    private lazy var timer = DeadlineTimer(eventLoop: shard.executor.eventLoop) { [unowned self] in expire() }

    init(_ start: RoomStart, shard: RoomShard, name: [UInt8]?) {
        self.shard = shard
        self.name = name
        cursor = shard.add(self, from: start)
    }

    /// Creates a subscriber on the event loop of a connection. If a member was removed since its admission, it ends:
    /// the removed member may be its own.
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

    /// Returns the gap before its position, which the client has to be told first.
    func takeGap() -> RoomGap? { cursor.takeGap() }

    // MARK: Its task

    /// Returns the entries since the last call that `receive` has not taken.
    ///
    /// - Returns: Nil if there was none within the time, and after `end`.
    /// - Throws: `CancellationError` after `cancel`.
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
            // A later cancellation finds the continuation. An entry that came after `nextBatch` wakes the shard later.
            if Task.isCancelled { resume() }
        }
    }

    private func resume() {
        guard case .waiting(let continuation) = state else { return }
        state = .reading
        continuation.resume()
    }

    /// Resumes the waiting task when it is cancelled. Its caller has one cancellation handler around all of its reads.
    func cancel() {
        shard.executor.eventLoop.execute { self.resume() }
    }

    /// Ends the wait of `next`, whose time limit has passed.
    func expire() {
        isOverdue = true
        resume()
    }

    /// Ends the subscriber: it gets no further entries.
    func end() {
        resume()
        state = .ended
    }

    /// Removes it from the shard.
    func close() {
        timer.cancel()
        shard.remove(self)
    }

    // MARK: Reading

    /// Reads new entries, or resumes the task to do so.
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

    /// Reads the next entries, without those for other members; nil if there are none.
    // Not inlined, for small frames: CarafeRuntime's README.
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

/// The place in a log where a subscriber begins.
enum RoomStart: Sendable, Equatable {
    case now
    case after(RoomPosition)
    /// This many messages before the end.
    case newest(Int)
}
