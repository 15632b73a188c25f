import CarafeWebSocketCodec
import NIOCore

/// What was said in a room, bounded, each entry with its offset: history for those who come later, and the queue of
/// those who are behind.
struct RoomLog: Sendable {
    /// Bytes that are kept for members who are behind, beyond the history.
    static let queueLimit = 4 << 20
    /// Bytes that are kept for event loops that have not come to deliver them: those are not slow members.
    static let deliveryLimit = 64 << 20

    let history: RoomHistory
    private let log: LogEntry.Log
    private var entries = CircularBuffer<LogEntry>()
    /// Where it ends, whatever of it is kept.
    private(set) var end = LogEntry.End()
    /// The epochs of earlier runs, each with the offset up to which its entries are those of this log.
    let earlier: [RoomSnapshot.Epoch]
    /// Where it was restored.
    private let restored: UInt64
    /// The offsets of the breaks, oldest first: what every reader has to cross, since entries may be lost there.
    private var breaks: [UInt64] = []

    init(history: RoomHistory, isJSON: Bool = false, restoring snapshot: RoomSnapshot? = nil) {
        self.history = history
        let line = snapshot.map { RoomPosition.line(of: $0.epoch) }
        log = LogEntry.Log(epoch: RoomPosition.makeEpoch(line: line), isJSON: isJSON)
        restored = snapshot?.last ?? 0
        guard let snapshot else {
            earlier = []
            return
        }
        let known = snapshot.earlier + [RoomSnapshot.Epoch(name: snapshot.epoch, last: snapshot.last)]
        earlier = known.suffix(RoomSnapshot.epochLimit)
        end.offset = snapshot.last - min(snapshot.last, UInt64(snapshot.entries.count))
        let now = NIODeadline.now()
        for entry in snapshot.entries { _ = append(entry.post, at: now - entry.age) }
        // What was published after it was taken is lost, and may have been read.
        if !snapshot.isFinal { _ = append(.break, at: now) }
        trim(needed: last, delivered: last, at: now)
    }

    var epoch: String { log.epoch }

    /// The offset of the newest entry, kept or not; 0 before the first.
    var last: UInt64 { end.offset }

    var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }

    /// The offset of the oldest entry that is kept; one more than `last` when none is.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    mutating func append(_ post: RoomPost, at now: NIODeadline) -> LogEntry {
        let entry = LogEntry(post, after: end, at: now, log: log)
        entries.append(entry)
        end = entry.end
        if entry.isBreak { breaks.append(entry.offset) }
        return entry
    }

    /// The entries after an offset and not past another that are kept, no more than so many bytes but at least one.
    func entries(
        after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64 = .max
    ) -> [LogEntry] {
        let start = max(offset + 1, first)
        let bound = min(bound, last)
        guard start <= bound else { return [] }
        var found: [LogEntry] = []
        found.reserveCapacity(byteLimit == .max ? Int(bound - start + 1) : 0)
        for index in Int(start - first)...Int(bound - first) {
            let entry = entries[offset: index]
            if let oldest = found.first, entry.end.bytes - oldest.start > byteLimit { break }
            found.append(entry)
        }
        return found
    }

    /// What is after an offset and not past another, up to the next break, with what is missing of it; nil when nothing is
    /// newer.
    func read(
        after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64 = .max
    ) -> LogBatch? {
        let end = min(bound, last)
        guard offset < end else { return nil }
        let start = skipBreaks(after: max(offset, first - 1))
        let entries = entries(after: start, through: min(end, nextBreak(after: start) - 1), upTo: byteLimit)
        return LogBatch(
            gap: start > offset ? RoomGap(from: place(offset), to: place(start)) : nil, isTrimmed: offset + 1 < first,
            entries: entries, position: place(entries.last?.offset ?? start))
    }

    /// The offset of the first break after one; past the end without one.
    private func nextBreak(after offset: UInt64) -> UInt64 { breaks.first { $0 > offset } ?? last + 1 }

    /// An offset, or that of the last of the breaks that come right after it.
    private func skipBreaks(after offset: UInt64) -> UInt64 {
        var offset = offset
        for next in breaks where next == offset + 1 { offset = next }
        return offset
    }

    /// The offset after which a reader begins, and what it has missed before that.
    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?) {
        switch start {
        case .now: return (last, nil)
        case .newest(let count): return (skipBreaks(after: last - newest(count)), nil)
        case .after(let position):
            let known = known(of: position)
            let start = skipBreaks(after: max(known.offset, first - 1))
            let isGap = known.isGap || start > position.offset
            let from = known.isGap ? position : RoomPosition(offset: position.offset, epoch: position.epoch ?? epoch)
            return (start, isGap ? RoomGap(from: from, to: place(start)) : nil)
        }
    }

    /// How much of what was read up to a position is in this log, and whether that is not all.
    private func known(of position: RoomPosition) -> (offset: UInt64, isGap: Bool) {
        guard let epoch = position.epoch, epoch != self.epoch else {
            return position.offset <= last ? (position.offset, false) : (first - 1, true)
        }
        if let last = earlier.last(where: { $0.name == epoch })?.last {
            return (min(position.offset, last), position.offset > last)
        }
        // A run of which nothing was kept, but which began as this one did: what is here up to that offset was read, or is
        // as lost to the reader as what that run added.
        let isRelated = !earlier.isEmpty && RoomPosition.line(of: epoch) == RoomPosition.line(of: self.epoch)
        return (isRelated ? min(position.offset, restored) : first - 1, true)
    }

    /// How many entries at the end hold so many messages.
    private func newest(_ count: Int) -> UInt64 {
        let found = entries.reversed().prefix { end.messages - $0.messagesBefore <= UInt64(max(count, 0)) }
        return count > 0 ? UInt64(found.count) : 0
    }

    private func place(_ offset: UInt64) -> RoomPosition { RoomPosition(offset: offset, epoch: epoch) }

    /// What everything up to and with this offset has cost; nil when that is not known any more.
    func end(of offset: UInt64) -> UInt64? {
        if offset == last { return end.bytes }
        guard offset + 1 >= first, offset < last else { return nil }
        return entries[offset: Int(offset + 1 - first)].start
    }

    /// Bytes after an offset that are kept.
    func waiting(after offset: UInt64) -> UInt64 {
        end.bytes - (end(of: offset) ?? entries.first?.start ?? end.bytes)
    }

    /// Drops what neither history nor anybody who is behind has a use for: `needed` is the lowest offset up to which
    /// somebody has read, `delivered` the lowest up to which an event loop has delivered.
    mutating func trim(needed: UInt64, delivered: UInt64, at now: NIODeadline) {
        while let oldest = entries.first, !isHistory(oldest, at: now) {
            let waiting = end.bytes - oldest.end.bytes
            if oldest.offset > needed, waiting < UInt64(Self.queueLimit) { return }
            if oldest.offset > delivered, waiting < UInt64(Self.deliveryLimit) { return }
            entries.removeFirst()
        }
    }

    private func isHistory(_ oldest: LogEntry, at now: NIODeadline) -> Bool {
        // Who came and went is no message, but costs its bytes.
        history.count > 0 && end.messages - oldest.messagesBefore <= UInt64(history.count)
            && end.bytes - oldest.end.bytes <= UInt64(history.byteCount)
            && history.age.map { oldest.time + $0 > now } ?? true
    }
}
