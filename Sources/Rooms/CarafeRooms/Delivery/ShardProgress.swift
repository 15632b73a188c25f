/// The progress of one shard's subscribers.
struct ShardProgress: Sendable {
    /// The offset up to which all of them have read; nil without subscribers.
    var lowWatermark: UInt64?
    /// The offset up to which those have read that had caught up before. Publishers do not wait for the others, which
    /// may read a long history.
    var slowestCaughtUpOffset: UInt64 = 0
    /// The offset up to which the shard has delivered.
    var deliveredOffset: UInt64 = 0

    init(lowWatermark: UInt64? = nil, slowestCaughtUpOffset: UInt64 = 0, deliveredOffset: UInt64 = 0) {
        self.lowWatermark = lowWatermark
        self.slowestCaughtUpOffset = slowestCaughtUpOffset
        self.deliveredOffset = deliveredOffset
    }

    /// Creates the progress of subscribers that have all read up to an offset, until `include` lowers it.
    init(allAt offset: UInt64) {
        self.init(lowWatermark: offset, slowestCaughtUpOffset: offset, deliveredOffset: offset)
    }

    mutating func include(_ cursor: Cursor) {
        lowWatermark = lowWatermark.map { min($0, cursor.offset) }
        if cursor.hasCaughtUp { slowestCaughtUpOffset = min(slowestCaughtUpOffset, cursor.offset) }
    }
}
