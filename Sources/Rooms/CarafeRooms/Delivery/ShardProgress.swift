/// How far the subscribers of one event loop have read.
struct ShardProgress: Sendable {
    /// Up to where all of them have read; nil without subscribers.
    var lowWatermark: UInt64?
    /// Up to where those have read that had caught up before: for the others publishers do not wait.
    var slowestCaughtUpOffset: UInt64 = 0
    /// Up to where the loop has delivered.
    var deliveredOffset: UInt64 = 0

    init(lowWatermark: UInt64? = nil, slowestCaughtUpOffset: UInt64 = 0, deliveredOffset: UInt64 = 0) {
        self.lowWatermark = lowWatermark
        self.slowestCaughtUpOffset = slowestCaughtUpOffset
        self.deliveredOffset = deliveredOffset
    }

    /// Of a loop whose subscribers have all read what it has delivered, until `include` lowers it.
    init(allAt offset: UInt64) {
        self.init(lowWatermark: offset, slowestCaughtUpOffset: offset, deliveredOffset: offset)
    }

    mutating func include(_ cursor: Cursor) {
        lowWatermark = lowWatermark.map { min($0, cursor.offset) }
        if cursor.hasCaughtUp { slowestCaughtUpOffset = min(slowestCaughtUpOffset, cursor.offset) }
    }
}
