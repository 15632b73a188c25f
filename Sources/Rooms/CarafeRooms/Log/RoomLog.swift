import CarafeWebSocketCodec
import NIOCore

/// The bounded log of a room, each entry with its offset: the history for later subscribers, and the send queue of
/// lagging ones.
struct RoomLog: Sendable {
    /// The maximum size of the entries kept for lagging subscribers, beyond the history.
    static let queueLimit = 4 << 20
    /// The maximum size of the entries kept for event loops that have not delivered them: their members are not slow.
    static let deliveryLimit = 64 << 20

    private let history: RoomHistory
    private let ageLimit: TimeAmount?
    private let log: LogEntry.Log
    private var entries = CircularBuffer<LogEntry>()
    /// The end of the log, kept or not.
    private(set) var end = LogEntry.End()
    /// The epochs of earlier runs, each with the last offset that this log shares with it.
    let earlier: [RoomSnapshot.Epoch]
    /// The end of the snapshot from which the log was restored.
    private let restored: UInt64
    /// The offsets of the breaks, oldest first. Every reader reports a gap there, since entries may be lost.
    private var breaks: [UInt64] = []

    init(history: RoomHistory, isJSON: Bool = false, restoring snapshot: RoomSnapshot? = nil) {
        self.history = history
        ageLimit = history.ageLimit.map { TimeAmount($0) }
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
        // Messages after the snapshot are lost, and subscribers may have read them.
        if !snapshot.isFinal { _ = append(.break, at: now) }
        trim(needed: last, delivered: last, at: now)
    }

    var epoch: String { log.epoch }

    /// The offset of the newest entry, kept or not; 0 before the first.
    var last: UInt64 { end.offset }

    var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }

    /// The offset of the oldest kept entry; one more than `last` without any.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    mutating func append(_ post: RoomPost, at now: NIODeadline) -> LogEntry {
        let entry = LogEntry(post, after: end, at: now, log: log)
        entries.append(entry)
        end = entry.end
        if entry.isBreak { breaks.append(entry.offset) }
        return entry
    }

    /// Returns the kept entries after an offset up to a bound, at least one and at most so many bytes.
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

    /// Returns the entries after an offset up to a bound and the next break, with the gap before them; nil without any.
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

    /// Returns the first break after an offset; the offset past the end without one.
    private func nextBreak(after offset: UInt64) -> UInt64 { breaks.first { $0 > offset } ?? last + 1 }

    /// Returns the offset, or that of the last of the breaks that follow it directly.
    private func skipBreaks(after offset: UInt64) -> UInt64 {
        var offset = offset
        for next in breaks where next == offset + 1 { offset = next }
        return offset
    }

    /// Returns the offset after which a subscriber begins, and the gap before that.
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

    /// Returns the offset up to which a reader at a position has read this log, and whether it has missed entries.
    private func known(of position: RoomPosition) -> (offset: UInt64, isGap: Bool) {
        guard let epoch = position.epoch, epoch != self.epoch else {
            return position.offset <= last ? (position.offset, false) : (first - 1, true)
        }
        if let last = earlier.last(where: { $0.name == epoch })?.last {
            return (min(position.offset, last), position.offset > last)
        }
        // An unknown run of the same line: the reader has read this log's entries up to that offset, or has lost them
        // like those that the run added.
        let isRelated = !earlier.isEmpty && RoomPosition.line(of: epoch) == RoomPosition.line(of: self.epoch)
        return (isRelated ? min(position.offset, restored) : first - 1, true)
    }

    /// Returns the number of entries at the end that have so many messages.
    private func newest(_ count: Int) -> UInt64 {
        let found = entries.reversed().prefix { end.messages - $0.messagesBefore <= UInt64(max(count, 0)) }
        return count > 0 ? UInt64(found.count) : 0
    }

    private func place(_ offset: UInt64) -> RoomPosition { RoomPosition(offset: offset, epoch: epoch) }

    /// Returns the size of all entries up to and with an offset, in bytes; nil when that is no longer known.
    func end(of offset: UInt64) -> UInt64? {
        if offset == last { return end.bytes }
        guard offset + 1 >= first, offset < last else { return nil }
        return entries[offset: Int(offset + 1 - first)].start
    }

    /// Returns the size of the kept entries after an offset, in bytes.
    func waiting(after offset: UInt64) -> UInt64 {
        end.bytes - (end(of: offset) ?? entries.first?.start ?? end.bytes)
    }

    /// Drops entries that are neither history nor needed: `needed` is the low watermark of all subscribers, and
    /// `delivered` the lowest delivered offset of the shards.
    mutating func trim(needed: UInt64, delivered: UInt64, at now: NIODeadline) {
        while let oldest = entries.first, !isHistory(oldest, at: now) {
            let waiting = end.bytes - oldest.end.bytes
            if oldest.offset > needed, waiting < UInt64(Self.queueLimit) { return }
            if oldest.offset > delivered, waiting < UInt64(Self.deliveryLimit) { return }
            entries.removeFirst()
        }
    }

    private func isHistory(_ oldest: LogEntry, at now: NIODeadline) -> Bool {
        // A change of presence does not count as a message, but has a size.
        history.countLimit > 0 && end.messages - oldest.messagesBefore <= UInt64(history.countLimit)
            && end.bytes - oldest.end.bytes <= UInt64(history.byteLimit)
            && ageLimit.map { oldest.time + $0 > now } ?? true
    }
}
