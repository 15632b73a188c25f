/// The position of a subscriber in a room's log, with the gap that it has to be told of.
struct Cursor: Sendable {
    /// The offset up to which the subscriber has read.
    var offset: UInt64
    /// The missed entries before that, which the subscriber has not reported yet.
    private(set) var gap: RoomGap?
    /// Whether the subscriber has ever caught up.
    var hasCaughtUp = false

    init(offset: UInt64 = 0, gap: RoomGap? = nil) {
        self.offset = offset
        self.gap = gap
    }

    /// Moves to the end of a batch, and adds its gap to the present one.
    mutating func advance(past batch: LogBatch) {
        offset = batch.last
        if let missed = batch.gap { gap = RoomGap(from: gap?.from ?? missed.from, to: missed.to) }
    }

    /// Returns the gap, and clears it.
    mutating func takeGap() -> RoomGap? {
        defer { gap = nil }
        return gap
    }
}
