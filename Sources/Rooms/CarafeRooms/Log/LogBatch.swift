/// The entries that a subscriber reads from a log at once.
struct LogBatch {
    /// The missing entries before these.
    var gap: RoomGap?
    /// Whether some are missing because the log has dropped them before a slow subscriber read them.
    var isTrimmed = false
    var entries: [LogEntry]
    /// The offset of the last entry of the batch; entries for other members count.
    var last: UInt64
    /// The position after the batch.
    var position: RoomPosition

    /// The size of the entries in the log, in bytes.
    var byteCount: UInt64 {
        guard let first = entries.first, let last = entries.last else { return 0 }
        return last.end.bytes - first.start
    }

    /// Removes each entry to which a newer one has the same subject and audience.
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
