import CarafeRuntime

/// The entry readers of a room: the offset up to which each has read, and the tasks of those that wait.
struct EntryReaders: Sendable {
    private var offsets: [UInt64: UInt64] = [:]
    private var count: UInt64 = 0
    var waiting = ContinuationQueue<Never>()

    var isEmpty: Bool { offsets.isEmpty }

    /// Adds a reader at an offset; returns its ticket.
    mutating func add(at offset: UInt64) -> UInt64 {
        count += 1
        offsets[count] = offset
        return count
    }

    mutating func remove(_ ticket: UInt64) { offsets[ticket] = nil }

    mutating func advance(_ ticket: UInt64, to offset: UInt64) { offsets[ticket] = offset }

    subscript(ticket: UInt64) -> UInt64? { offsets[ticket] }

    /// The lowest offset up to which a reader has read; nil without readers.
    var lowWatermark: UInt64? { offsets.values.min() }
}
