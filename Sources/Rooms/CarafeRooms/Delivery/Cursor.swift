/// The place of a subscriber in a room's log.
struct Cursor: Sendable {
    /// Up to where it has read.
    var offset: UInt64
    /// What it has missed before that and was not told yet.
    private(set) var gap: RoomGap?
    /// Whether it has ever read all that there was.
    var hasCaughtUp = false

    init(offset: UInt64 = 0, gap: RoomGap? = nil) {
        self.offset = offset
        self.gap = gap
    }

    /// Moves to the end of a batch, and remembers its gap.
    mutating func advance(past batch: LogBatch) {
        offset = batch.position.offset
        if let missed = batch.gap { gap = RoomGap(from: gap?.from ?? missed.from, to: missed.to) }
    }

    /// Returns the gap , which counts as told from then on.
    mutating func takeGap() -> RoomGap? {
        defer { gap = nil }
        return gap
    }
}
