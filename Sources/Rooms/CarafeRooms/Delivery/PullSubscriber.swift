import CarafeApp
import CarafeRuntime
import NIOCore

/// Reads a room's log at its own pace, and waits where it ends; on one event loop only.
// Unchecked: all that changes is touched on the event loop only.
final class PullSubscriber: @unchecked Sendable {
    /// Bytes that it takes at a time, and so may hold when its client does not read.
    static let portion: UInt64 = 64 << 10

    let group: RoomShard
    /// The bytes of the name for which it reads.
    let name: [UInt8]?
    /// Up to where it has read.
    private(set) var cursor: UInt64
    /// Whether it has ever been at the end of the log.
    private(set) var wasLevel = false
    private var gap: RoomGap?
    /// Where it is in the group's list.
    var index = 0
    /// Takes what comes at once, without a task that goes on for it, and gives for how long `next` shall wait from then on;
    /// with nil it leaves it to `next`.
    var receive: ((LogBatch) -> TimeAmount?)?
    private var isOverdue = false
    /// Whether its member was removed.
    private(set) var isEnded = false
    private var continuation: UnsafeContinuation<Void, Never>?
    private lazy var timer = DeadlineTimer(eventLoop: group.executor.eventLoop) { [unowned self] in expire() }

    init(_ start: RoomStart, group: RoomShard, name: [UInt8]?) {
        self.group = group
        self.name = name
        cursor = 0
        (cursor, gap) = group.add(self, from: start)
    }

    /// A reader on the event loop of a connection; one that was admitted before a removal may be the one who was removed.
    convenience init(
        _ core: RoomStorage, _ start: RoomStart, on executor: EventLoopExecutor, as name: String?,
        admittedAt removals: UInt64
    ) {
        self.init(start, group: core.group(of: executor), name: name.map { Array($0.utf8) })
        if name != nil, core.removals != removals { isEnded = true }
    }

    var position: RoomPosition { RoomPosition(offset: cursor, epoch: group.core.epoch) }

    /// What is missing before that, to be told first.
    func takeGap() -> RoomGap? {
        defer { gap = nil }
        return gap
    }

    /// What came after the last call and was not received; nil when nothing came in this time. Throws `CancellationError`
    /// after `cancel`, and gives nil after `end`.
    func next(within time: TimeAmount) async throws -> LogBatch? {
        isOverdue = time <= .zero
        if !isOverdue { timer.set(in: time) }
        defer { timer.clear() }
        while true {
            if isEnded { return nil }
            if let reading = take() { return reading }
            if isOverdue { return nil }
            await wait()
            try Task.checkCancellation()
        }
    }

    private func wait() async {
        // Unsafe: it leaves `continuation` once, on the event loop, and is then resumed.
        await withUnsafeContinuation { continuation in
            self.continuation = continuation
            // A cancellation after this finds it. What is published after `take` wakes the group later in this loop.
            if Task.isCancelled { goOn() }
        }
    }

    /// To be called when the task that reads is cancelled: once around all that it reads, not for each message.
    func cancel() {
        group.executor.eventLoop.execute { self.goOn() }
    }

    /// The time of the wait is over.
    func expire() {
        isOverdue = true
        goOn()
    }

    /// It gets nothing any more.
    func end() {
        isEnded = true
        goOn()
    }

    /// Something is new.
    func wake() {
        guard let receive, continuation != nil, !isEnded else { return goOn() }
        while true {
            let before = (cursor, gap)
            guard let reading = take() else { return }
            guard let time = receive(reading) else {
                (cursor, gap) = before
                return goOn()
            }
            timer.set(in: time)
        }
    }

    private func goOn() {
        continuation?.resume()
        continuation = nil
    }

    /// Takes what is there, without what is for others; nil when that is nothing.
    // Not inlined: what it works with would be in the frame of each task that waits.
    @inline(never)
    private func take() -> LogBatch? {
        while var reading = group.reading(after: cursor) {
            cursor = reading.position.offset
            group.settleSoon()
            if let gap {
                reading.gap = RoomGap(from: gap.from, to: reading.gap?.to ?? gap.to)
                self.gap = nil
            }
            if !reading.entries.allSatisfy({ $0.isFor(name) }) { reading.entries.removeAll { !$0.isFor(name) } }
            if reading.gap != nil || !reading.entries.isEmpty { return reading }
        }
        wasLevel = true
        guard let gap else { return nil }
        self.gap = nil
        return LogBatch(gap: gap, entries: [], position: position)
    }

    /// To be called when it is not needed any more.
    func close() {
        timer.cancel()
        group.remove(self)
    }
}

/// Where a reader begins.
enum RoomStart: Sendable, Equatable {
    case now
    case after(RoomPosition)
    /// So many entries before the end.
    case newest(Int)
}
