/// What a reader gets at a time.
struct LogBatch {
    /// What is missing before the entries.
    var gap: RoomGap?
    /// Whether the log no longer holds some of that, since the reader was slow.
    var isTrimmed = false
    var entries: [LogEntry]
    /// Up to where this goes; entries that were for others are counted in.
    var position: RoomPosition

    /// Of its entries, with what each costs.
    var byteCount: UInt64 {
        guard let first = entries.first, let last = entries.last else { return 0 }
        return last.end.bytes - first.start
    }

    /// Leaves out what a newer entry about the same, for the same people, has taken the place of.
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
