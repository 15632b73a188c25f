/// The entries that a subscriber reads at once.
struct LogBatch {
    /// The gap before the entries.
    var gap: RoomGap?
    /// Whether the log has dropped some of the gap's entries because the subscriber was slow.
    var isTrimmed = false
    var entries: [LogEntry]
    /// The position at the end of the batch, including entries for other members.
    var position: RoomPosition

    /// The cost of its entries in bytes.
    var byteCount: UInt64 {
        guard let first = entries.first, let last = entries.last else { return 0 }
        return last.end.bytes - first.start
    }

    /// Removes each entry for which there is a newer one about the same subject for the same audience.
    mutating func conflate() {
        struct Subject: Hashable {
            var name: [UInt8]
            var audience: [[UInt8]]?
        }
        var seen: Set<Subject> = []
        entries = entries.reversed().filter { entry in
            entry.subject.map { seen.insert(Subject(name: $0, audience: entry.audience)).inserted } ?? true
        }.reversed()
    }
}
