import CarafeWebSocketCodec
import NIOCore

/// The bounded log of a room, in which each entry has an offset: the history for later subscribers, and the queue of
/// lagging ones.
struct RoomLog: Sendable {
    /// The number of bytes that are kept for lagging subscribers beyond the history: 4 MiB.
    static let queueLimit = 4 << 20
    /// The number of bytes that are kept for event loops that have not delivered them: 64 MiB. A busy loop does not
    /// make its subscribers slow ones.
    static let deliveryLimit = 64 << 20

    let history: RoomHistory
    private let age: TimeAmount?
    private let log: LogEntry.Log
    private var entries = CircularBuffer<LogEntry>()
    /// The end of the log, whether or not its last entries are kept.
    private(set) var end = LogEntry.End()
    /// The epochs of earlier runs, each with the offset up to which its entries are those of this log.
    let earlier: [RoomSnapshot.Epoch]
    /// The offset at which it was restored; 0 for a new log.
    private let restored: UInt64
    /// The offsets of the breaks, oldest first. Every reader that crosses one is told a gap, since entries may be lost
    /// there.
    private var breaks: [UInt64] = []

    init(history: RoomHistory, isJSON: Bool = false, restoring snapshot: RoomSnapshot? = nil) {
        self.history = history
        age = history.age.map { TimeAmount($0) }
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
        // Messages that were published after the snapshot are lost, and some readers may have read them.
        if !snapshot.isFinal { _ = append(.break, at: now) }
        trim(needed: last, delivered: last, at: now)
    }

    var epoch: String { log.epoch }

    /// The offset of the newest entry, kept or not; 0 before the first.
    var last: UInt64 { end.offset }

    var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }

    /// The offset of the oldest entry that is kept; `last` + 1 if there is none.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    mutating func append(_ post: RoomPost, at now: NIODeadline) -> LogEntry {
        let entry = LogEntry(post, after: end, at: now, log: log)
        entries.append(entry)
        end = entry.end
        if entry.isBreak { breaks.append(entry.offset) }
        return entry
    }

    /// Returns the kept entries after an offset and up to another, at most this many bytes of them but at least one
    /// entry.
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

    /// Reads the entries after an offset and up to another or the next break, with the gap before them; nil if there is
    /// nothing newer.
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

    /// Returns the offset of the first break after one; `last` + 1 if there is none.
    private func nextBreak(after offset: UInt64) -> UInt64 { breaks.first { $0 > offset } ?? last + 1 }

    /// Returns an offset, or that of the last break in a run of breaks right after it.
    private func skipBreaks(after offset: UInt64) -> UInt64 {
        var offset = offset
        for next in breaks where next == offset + 1 { offset = next }
        return offset
    }

    /// Returns the offset after which a subscriber begins, and the gap before it.
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

    /// Returns the offset up to which this log has the entries that a reader at a position has read, and whether some
    /// of them are not in it.
    private func known(of position: RoomPosition) -> (offset: UInt64, isGap: Bool) {
        guard let epoch = position.epoch, epoch != self.epoch else {
            return position.offset <= last ? (position.offset, false) : (first - 1, true)
        }
        if let last = earlier.last(where: { $0.name == epoch })?.last {
            return (min(position.offset, last), position.offset > last)
        }
        // An epoch of the same line that this log does not know, since a later run replaced it: the reader has read the
        // entries up to the restored offset, and those that the other run added are lost.
        let isRelated = !earlier.isEmpty && RoomPosition.line(of: epoch) == RoomPosition.line(of: self.epoch)
        return (isRelated ? min(position.offset, restored) : first - 1, true)
    }

    /// Returns the number of entries at the end that hold this many messages.
    private func newest(_ count: Int) -> UInt64 {
        let found = entries.reversed().prefix { end.messages - $0.messagesBefore <= UInt64(max(count, 0)) }
        return count > 0 ? UInt64(found.count) : 0
    }

    private func place(_ offset: UInt64) -> RoomPosition { RoomPosition(offset: offset, epoch: epoch) }

    /// Returns the cost of all entries up to and including an offset; nil if it is no longer known.
    func end(of offset: UInt64) -> UInt64? {
        if offset == last { return end.bytes }
        guard offset + 1 >= first, offset < last else { return nil }
        return entries[offset: Int(offset + 1 - first)].start
    }

    /// Returns the number of kept bytes after an offset.
    func waiting(after offset: UInt64) -> UInt64 {
        end.bytes - (end(of: offset) ?? entries.first?.start ?? end.bytes)
    }

    /// Drops the entries that are neither history nor needed by a lagging subscriber.
    ///
    /// - Parameters:
    ///   - needed: The low watermark: the lowest offset that a subscriber has read.
    ///   - delivered: The lowest offset that an event loop has delivered.
    mutating func trim(needed: UInt64, delivered: UInt64, at now: NIODeadline) {
        while let oldest = entries.first, !isHistory(oldest, at: now) {
            let waiting = end.bytes - oldest.end.bytes
            if oldest.offset > needed, waiting < UInt64(Self.queueLimit) { return }
            if oldest.offset > delivered, waiting < UInt64(Self.deliveryLimit) { return }
            entries.removeFirst()
        }
    }

    private func isHistory(_ oldest: LogEntry, at now: NIODeadline) -> Bool {
        // A change of presence is not a message, but its bytes count.
        history.count > 0 && end.messages - oldest.messagesBefore <= UInt64(history.count)
            && end.bytes - oldest.end.bytes <= UInt64(history.byteCount)
            && age.map { oldest.time + $0 > now } ?? true
    }
}
