import CarafeRuntime
import NIOCore

/// The shards of a room, each with its last report.
struct ShardTable: Sendable {
    private struct Slot {
        let shard: RoomShard
        /// Whether the shard is about to read the new entries.
        var isWoken = false
        var progress = ShardProgress()

        /// Whether the shard has subscribers.
        var isRead: Bool { progress.lowWatermark != nil }
    }

    private var slots: [Slot] = []

    var all: [RoomShard] { slots.map(\.shard) }
    var count: Int { slots.count }

    /// The first event loop, whose clock is the room's.
    var clock: (any EventLoop)? { slots.first?.shard.executor.eventLoop }

    /// Whether any shard has subscribers.
    var isRead: Bool { slots.contains(where: \.isRead) }

    /// The first event loop with subscribers.
    var readingEventLoop: (any EventLoop)? { slots.first(where: \.isRead)?.shard.executor.eventLoop }

    subscript(executor: EventLoopExecutor) -> RoomShard? {
        slots.first { $0.shard.executor === executor }?.shard
    }

    private func index(of shard: RoomShard) -> Int? { slots.firstIndex { $0.shard === shard } }

    mutating func add(_ shard: RoomShard) { slots.append(Slot(shard: shard)) }

    // MARK: Progress

    mutating func report(_ progress: ShardProgress, of shard: RoomShard) {
        if let index = index(of: shard) { slots[index].progress = progress }
    }

    /// Keeps the entries after an offset for a subscriber of a shard, until the shard reports.
    mutating func keep(after offset: UInt64, for shard: RoomShard) {
        guard let index = index(of: shard) else { return }
        slots[index].progress.lowWatermark = min(slots[index].progress.lowWatermark ?? offset, offset)
    }

    /// The lowest offset up to which a subscriber has read; nil without subscribers.
    var lowWatermark: UInt64? { slots.lazy.compactMap(\.progress.lowWatermark).min() }

    /// The lowest offset up to which a shard with subscribers has delivered.
    var deliveredOffset: UInt64? { slots.lazy.filter(\.isRead).map(\.progress.deliveredOffset).min() }

    /// The lowest offset of the subscribers that had caught up before.
    var slowestCaughtUpOffset: UInt64? { slots.lazy.filter(\.isRead).map(\.progress.slowestCaughtUpOffset).min() }

    // MARK: Waking

    /// Adds to `wakes` the shards that have subscribers and are not woken yet; returns whether any has subscribers.
    mutating func wakeReading(_ wakes: inout Wakes) -> Bool {
        var isRead = false
        for index in slots.indices where slots[index].isRead {
            isRead = true
            guard !slots[index].isWoken else { continue }
            slots[index].isWoken = true
            wakes.shards.append(slots[index].shard)
        }
        return isRead
    }

    /// Records that a shard reads, and has to be woken for later entries.
    mutating func beginReading(_ shard: RoomShard) {
        if let index = index(of: shard) { slots[index].isWoken = false }
    }
}
