import CarafeApp
import CarafeRuntime
import NIOCore

/// A stream or a poll: a subscriber that reads at its own pace, and waits at the end of the log.
// Unchecked: all mutable state is touched on the event loop only.
final class PullSubscriber: @unchecked Sendable {
    /// The size of a batch, and so of the bytes that a subscriber keeps while its client does not read.
    static let portion: UInt64 = 64 << 10

    private enum State {
        case reading
        /// The task waits for an entry.
        case waiting(UnsafeContinuation<Void, Never>)
        /// The member was removed.
        case ended
    }

    let shard: RoomShard
    /// The bytes of the member's name.
    let name: [UInt8]?
    private(set) var cursor = Cursor()
    private var state = State.reading
    /// The entries that a wait has found.
    // Not its result, to keep the frames of waiting tasks small: CarafeRuntime's README.
    private var batch: LogBatch?
    /// Whether the time of a wait is over.
    private var isOverdue = false
    /// The index in the shard's list.
    var index = 0
    /// Receives a batch at once, without a task switch, and returns the time for which the task waits from then on;
    /// nil leaves the batch to the task.
    var receive: ((LogBatch) -> TimeAmount?)?
    /// The end of the permission to be here.
    private var expiry: Scheduled<Void>?
    private lazy var timer = DeadlineTimer(eventLoop: shard.executor.eventLoop) { [unowned self] in expire() }

    init(_ start: RoomStart, shard: RoomShard, name: [UInt8]?) {
        self.shard = shard
        self.name = name
        cursor = shard.add(self, from: start)
    }

    /// Creates a subscriber on the event loop of a connection. It is ended if a member was removed since it was
    /// admitted, for that may have been this one.
    convenience init(
        _ storage: RoomStorage, _ start: RoomStart, on executor: EventLoopExecutor, as admitted: AdmittedReader,
        admittedAt removals: UInt64
    ) {
        self.init(start, shard: storage.shard(of: executor), name: admitted.name)
        if name != nil, storage.removals != removals { state = .ended }
        guard let time = admitted.time else { return }
        expiry = executor.eventLoop.scheduleTask(in: time) { [weak self] in self?.end() }
    }

    var position: RoomPosition { shard.storage.position(of: cursor.offset) }

    var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    /// Returns the gap before the position, and clears it.
    func takeGap() -> RoomGap? { cursor.takeGap() }

    // MARK: The task

    /// Waits for entries that `receive` has left; `takeBatch` returns them then.
    ///
    /// It ends without any after a time, and after `end`.
    ///
    /// - Throws: `CancellationError` after `cancel`.
    func waitForBatch(within time: TimeAmount) async throws {
        isOverdue = time <= .zero
        if !isOverdue { timer.set(in: time) }
        defer { timer.clear() }
        while !isEnded {
            if findBatch() || isOverdue { return }
            await wait()
            try Task.checkCancellation()
        }
    }

    /// Reads the next entries into `batch`; returns false if there are none.
    // Keeps the frame of the waiting task small: CarafeRuntime's README.
    @inline(never)
    private func findBatch() -> Bool {
        batch = nextBatch()
        return batch != nil
    }

    /// Returns the entries that `waitForBatch` has found; nil if there were none.
    func takeBatch() -> LogBatch? {
        defer { batch = nil }
        return batch
    }

    private func wait() async {
        // Unsafe: the continuation leaves `state` once, on the event loop, and is then resumed.
        await withUnsafeContinuation { continuation in
            state = .waiting(continuation)
            // A later cancellation finds the continuation. An entry after `nextBatch` wakes the shard later in this
            // loop.
            if Task.isCancelled { resume() }
        }
    }

    private func resume() {
        guard case .waiting(let continuation) = state else { return }
        state = .reading
        continuation.resume()
    }

    /// Ends a wait; for the cancellation handler around the whole reading task.
    func cancel() {
        shard.executor.eventLoop.execute { self.resume() }
    }

    /// Ends the time of a wait.
    func expire() {
        isOverdue = true
        resume()
    }

    /// Ends the subscriber, since its member was removed.
    func end() {
        resume()
        state = .ended
    }

    /// Removes the subscriber from its shard, after its last read.
    func close() {
        timer.cancel()
        expiry?.cancel()
        shard.remove(self)
    }

    // MARK: Reading

    /// Receives new entries, or wakes the task for them.
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

    /// Reads the next entries for this member; nil without any.
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
        return LogBatch(gap: gap, entries: [], last: cursor.offset, position: position)
    }
}

/// The start of a subscriber in the log.
enum RoomStart: Sendable, Equatable {
    /// The end of the log.
    case now
    /// A position.
    case after(RoomPosition)
    /// So many messages before the end.
    case newest(Int)
}
