/// The breaks of a log: the places that every reader reports as a gap, since entries may be lost there.
struct LogBreaks: Sendable {
    private struct Break {
        /// The offset of the entry that marks it.
        let offset: UInt64
        /// The offset after which a reader that crosses it resumes: beyond it are the entries that it has not read.
        let end: UInt64
    }

    /// Oldest first.
    private var breaks: [Break] = []

    /// Makes the newest entry a break, in place of the break that it was, and drops those that no reader crosses
    /// any more.
    ///
    /// - Parameters:
    ///   - offset: The offset of the entry.
    ///   - end: The offset to which readers cross the break.
    ///   - first: The offset of the oldest kept entry.
    // Rare, and so not a part of each append.
    @inline(never)
    mutating func add(at offset: UInt64, through end: UInt64, first: UInt64) {
        breaks.removeAll { $0.end < first || $0.offset == offset }
        breaks.append(Break(offset: offset, end: end))
    }

    /// Returns the offset up to which a reader reads before the next break; the largest one without a break.
    func readable(after offset: UInt64) -> UInt64 {
        (breaks.first { $0.offset > offset }?.offset).map { $0 - 1 } ?? .max
    }

    /// Returns the offset at which a reader resumes after the breaks from one offset to another, and those that follow
    /// directly.
    func cross(from start: UInt64, to end: UInt64) -> UInt64 {
        var end = end
        for next in breaks where next.offset > start && next.offset <= end + 1 { end = max(end, next.end) }
        return end
    }
}
