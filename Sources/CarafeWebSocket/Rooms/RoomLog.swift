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
    /// The offset of the newest entry, kept or not; 0 before the first.
    private(set) var last: UInt64 = 0
    /// What all entries ever cost, in bytes.
    private(set) var end: UInt64 = 0

    init(history: RoomHistory, isJSON: Bool = false) {
        self.history = history
        log = RoomEntry.Log(epoch: RoomPosition.makeEpoch(), isJSON: isJSON)
    }

    var epoch: String { log.epoch }

    var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }

    /// The offset of the oldest entry that is kept; one more than `last` when none is.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    mutating func append(_ message: Message, to audience: [UInt8]? = nil, at now: NIODeadline) -> RoomEntry {
        let entry = RoomEntry(offset: last + 1, message: message, audience: audience, time: now, after: end, log: log)
        entries.append(entry)
        last = entry.offset
        end = entry.end
        return entry
    }

    /// The entries after an offset that are kept, no more than so many bytes but at least one.
    func entries(after offset: UInt64, upTo byteLimit: UInt64 = .max) -> [RoomEntry] {
        guard offset < last, !entries.isEmpty else { return [] }
        let start = Int(max(offset + 1, first) - first)
        let base = entries[offset: start].start
        var found: [RoomEntry] = []
        found.reserveCapacity(byteLimit == .max ? entries.count - start : 0)
        for index in start..<entries.count {
            let entry = entries[offset: index]
            guard found.isEmpty || entry.end - base <= byteLimit else { break }
            found.append(entry)
        }
        return found
    }

    /// What is after an offset and not past another, with what is missing of it; nil when nothing is newer.
    func read(after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64) -> RoomReading? {
        let end = min(bound, last)
        guard offset < end else { return nil }
        let entries = Array(entries(after: offset, upTo: byteLimit).prefix { $0.offset <= end })
        let gap = offset + 1 < first ? RoomGap(from: place(offset), to: place(first - 1)) : nil
        let read = max(entries.last?.offset ?? end, gap?.to.offset ?? 0)
        return RoomReading(gap: gap, entries: entries, position: place(read))
    }

    /// The offset after which a reader begins, and what it has missed if its position is of another log.
    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?) {
        switch start {
        case .now: return (last, nil)
        case .newest(let count): return (last - UInt64(min(max(count, 0), entries.count)), nil)
        case .after(let position):
            if position.offset <= last, position.epoch ?? epoch == epoch { return (position.offset, nil) }
            return (first - 1, RoomGap(from: position, to: place(first - 1)))
        }
    }

    private func place(_ offset: UInt64) -> RoomPosition { RoomPosition(offset: offset, epoch: epoch) }

    /// What everything up to and with this offset has cost; nil when that is not known any more.
    func end(of offset: UInt64) -> UInt64? {
        if offset == last { return end }
        guard offset + 1 >= first, offset < last else { return nil }
        return entries[offset: Int(offset + 1 - first)].start
    }

    /// Drops what neither history nor anybody who is behind has a use for: `needed` is the lowest offset up to which
    /// somebody has read, `delivered` the lowest up to which an event loop has delivered.
    mutating func trim(needed: UInt64, delivered: UInt64, at now: NIODeadline) {
        while let oldest = entries.first, !isHistory(oldest, at: now) {
            let waiting = end - oldest.end
            if oldest.offset > needed, waiting < UInt64(Self.queueLimit) { return }
            if oldest.offset > delivered, waiting < UInt64(Self.deliveryLimit) { return }
            entries.removeFirst()
        }
    }

    private func isHistory(_ oldest: RoomEntry, at now: NIODeadline) -> Bool {
        entries.count <= history.count && end - oldest.end <= UInt64(history.byteCount)
            && history.age.map { oldest.time + $0 > now } ?? true
    }
}
