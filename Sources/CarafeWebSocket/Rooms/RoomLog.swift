import CarafeWebSocketCodec
import NIOCore

/// What was said in a room, bounded, each entry with its offset: history for those who come later, and the queue of
/// those who are behind.
struct RoomLog: Sendable {
    /// Bytes that are kept for members who are behind, beyond the history.
    static let queueLimit = 4 << 20

    let history: RoomHistory
    let epoch: String
    private var entries = CircularBuffer<RoomEntry>()
    /// The offset of the newest entry, kept or not; 0 before the first.
    private(set) var last: UInt64 = 0
    /// What all entries ever cost, in bytes.
    private(set) var end: UInt64 = 0

    init(history: RoomHistory, epoch: String = RoomPosition.makeEpoch()) {
        self.history = history
        self.epoch = epoch
    }

    var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }

    /// The offset of the oldest entry that is kept; one more than `last` when none is.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    mutating func append(_ message: Message, to audience: [UInt8]? = nil, at now: NIODeadline) -> RoomEntry {
        let entry = RoomEntry(offset: last + 1, message: message, audience: audience, time: now, after: end)
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

    /// The newest entries, the oldest of them first.
    func newest(_ count: Int) -> [RoomEntry] {
        entries(after: last - UInt64(min(max(count, 0), entries.count)))
    }

    /// What everything up to and with this offset has cost; nil when that is not known any more.
    func end(of offset: UInt64) -> UInt64? {
        if offset == last { return end }
        guard offset + 1 >= first, offset < last else { return nil }
        return entries[offset: Int(offset + 1 - first)].start
    }

    /// Drops what neither history nor anybody who is behind has a use for: `needed` is the lowest offset up to which
    /// somebody has read.
    mutating func trim(needed: UInt64, at now: NIODeadline) {
        while let oldest = entries.first, !isHistory(oldest, at: now) {
            let isQueued = oldest.offset > needed && end - oldest.end < UInt64(Self.queueLimit)
            if isQueued { return }
            entries.removeFirst()
        }
    }

    private func isHistory(_ oldest: RoomEntry, at now: NIODeadline) -> Bool {
        entries.count <= history.count && end - oldest.end <= UInt64(history.byteCount)
            && history.age.map { oldest.time + $0 > now } ?? true
    }
}
