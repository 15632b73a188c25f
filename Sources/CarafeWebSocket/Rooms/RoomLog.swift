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
    private let log: RoomEntry.Log
    private var entries = CircularBuffer<RoomEntry>()
    /// Where it ends, whatever of it is kept.
    private(set) var end = RoomEntry.End()
    /// The epochs of earlier runs, each with the offset up to which its entries are those of this log.
    let earlier: [RoomSnapshot.Epoch]

    init(history: RoomHistory, isJSON: Bool = false, restoring snapshot: RoomSnapshot? = nil) {
        self.history = history
        log = RoomEntry.Log(epoch: RoomPosition.makeEpoch(), isJSON: isJSON)
        guard let snapshot else {
            earlier = []
            return
        }
        let known = snapshot.earlier + [RoomSnapshot.Epoch(name: snapshot.epoch, last: snapshot.last)]
        earlier = known.suffix(RoomSnapshot.epochLimit)
        end.offset = snapshot.last - min(snapshot.last, UInt64(snapshot.entries.count))
        let now = NIODeadline.now()
        for entry in snapshot.entries { _ = append(entry.post, at: now - entry.age) }
        trim(needed: last, delivered: last, at: now)
    }

    var epoch: String { log.epoch }

    /// The offset of the newest entry, kept or not; 0 before the first.
    var last: UInt64 { end.offset }

    var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }

    /// The offset of the oldest entry that is kept; one more than `last` when none is.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    mutating func append(_ post: RoomPost, at now: NIODeadline) -> RoomEntry {
        let entry = RoomEntry(post, after: end, at: now, log: log)
        entries.append(entry)
        end = entry.end
        return entry
    }

    /// The entries after an offset and not past another that are kept, no more than so many bytes but at least one.
    func entries(
        after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64 = .max
    ) -> [RoomEntry] {
        let start = max(offset + 1, first)
        let bound = min(bound, last)
        guard start <= bound else { return [] }
        var found: [RoomEntry] = []
        found.reserveCapacity(byteLimit == .max ? Int(bound - start + 1) : 0)
        for index in Int(start - first)...Int(bound - first) {
            let entry = entries[offset: index]
            if let oldest = found.first, entry.end.bytes - oldest.start > byteLimit { break }
            found.append(entry)
        }
        return found
    }

    /// What is after an offset and not past another, with what is missing of it; nil when nothing is newer.
    func read(
        after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64 = .max
    ) -> RoomReading? {
        let end = min(bound, last)
        guard offset < end else { return nil }
        let entries = entries(after: offset, through: end, upTo: byteLimit)
        let gap = offset + 1 < first ? RoomGap(from: place(offset), to: place(first - 1)) : nil
        let read = max(entries.last?.offset ?? end, gap?.to.offset ?? 0)
        return RoomReading(gap: gap, entries: entries, position: place(read))
    }

    /// The offset after which a reader begins, and what it has missed if its position is of another log.
    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?) {
        switch start {
        case .now: return (last, nil)
        case .newest(let count): return (last - newest(count), nil)
        case .after(let position):
            let known = lastOffset(of: position.epoch)
            if let known, position.offset <= known { return (position.offset, nil) }
            // What came after the snapshot from which this log was restored is lost; what came before was read.
            let isEarlier = position.epoch != nil && position.epoch != epoch
            let start = isEarlier ? known ?? first - 1 : first - 1
            return (start, RoomGap(from: position, to: place(start)))
        }
    }

    /// Up to which offset the entries of an epoch are those of this log; nil when it is not known.
    private func lastOffset(of epoch: String?) -> UInt64? {
        guard let epoch, epoch != self.epoch else { return last }
        return earlier.last { $0.name == epoch }?.last
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

    private func isHistory(_ oldest: RoomEntry, at now: NIODeadline) -> Bool {
        // Who came and went is no message, but costs its bytes.
        history.count > 0 && end.messages - oldest.messagesBefore <= UInt64(history.count)
            && end.bytes - oldest.end.bytes <= UInt64(history.byteCount)
            && history.age.map { oldest.time + $0 > now } ?? true
    }
}
