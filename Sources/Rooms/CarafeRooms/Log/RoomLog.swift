import CarafeWebSocketCodec
import NIOCore

/// The bounded log of a room in this process, each entry with its offset: the history for later subscribers, and the
/// send queue of lagging ones.
///
/// It is the only log of a room in memory, and the copy of one in an engine. Offsets never go back, so that a cursor is
/// good as long as the process runs; segments make positions of them. Where the copy does not go on (the engine has
/// dropped the next entries, or has another log) it has a break.
struct RoomLog: Sendable {
    /// The maximum size of the entries kept for lagging subscribers, beyond the history.
    static let queueLimit = 4 << 20
    /// The maximum size of the entries kept for event loops that have not delivered them: their members are not slow.
    static let deliveryLimit = 64 << 20
    /// The number of segments with a position for subscribers that are still there.
    private static let segmentLimit = 16

    private let history: RoomHistory
    private let ageLimit: TimeAmount?
    private let isJSON: Bool
    /// The epochs that led to this log.
    private(set) var line: RoomLine
    private var entries = CircularBuffer<LogEntry>()
    /// The end of the log, kept or not.
    private(set) var end = LogEntry.End()
    /// Each with the offset after which it begins, oldest first.
    private var segments: [(start: UInt64, segment: LogSegment)]
    /// The offset after which new subscribers can begin: entries before it are of another log.
    private var floor: UInt64 = 0
    private var breaks = LogBreaks()

    init(history: RoomHistory, isJSON: Bool = false, line: RoomLine = .new(), after offset: UInt64 = 0) {
        self.history = history
        self.isJSON = isJSON
        self.line = line
        ageLimit = history.ageLimit.map { TimeAmount($0) }
        end.offset = offset
        floor = offset
        segments = [(offset, LogSegment(epoch: line.epoch, shift: 0, isJSON: isJSON))]
    }

    /// The offset of the newest entry, kept or not; 0 before the first.
    var last: UInt64 { end.offset }

    /// The end of the log.
    var position: RoomPosition { segment.position(of: last) }

    /// The offset of the oldest kept entry; one more than `last` without any.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    /// The offset after which the oldest entry is that a new subscriber can read.
    private var start: UInt64 { max(first - 1, floor) }

    // A log has a segment from the beginning.
    private var segment: LogSegment { segments[segments.count - 1].segment }

    /// Returns the position of an offset; for a subscriber that has stayed behind for many segments the oldest known.
    func position(of offset: UInt64) -> RoomPosition {
        (segments.last { $0.start <= offset } ?? segments[0]).segment.position(of: offset)
    }

    // MARK: Appending

    @discardableResult
    mutating func append(_ post: RoomPost, at time: NIODeadline) -> LogEntry {
        let entry = LogEntry(post, after: end, at: time, in: segment)
        entries.append(entry)
        end = entry.end
        if post.kind == .break { breaks.add(at: last, through: last, first: first) }
        return entry
    }

    private mutating func begin(_ segment: LogSegment, after offset: UInt64) {
        if segments.count == Self.segmentLimit { segments.removeFirst() }
        segments.append((offset, segment))
    }

    // MARK: The copy of a log

    /// Makes this log the copy of an engine's log, as it was read from its oldest entry to its end.
    ///
    /// Subscribers resume where they are in that log, after a gap if entries between are lost.
    ///
    /// - Returns: Whether there was a gap.
    mutating func copy(_ opening: EngineOpening, at now: NIODeadline) -> Bool {
        let entries = opening.page.entries
        let start = entries.first.map { $0.offset - 1 } ?? opening.page.end.offset
        let known = opening.line.known(of: position, last: entries.last?.offset ?? start, start: start)
        // A log that was forgotten has none of the entries before its position.
        let isGap = known.isGap || known.offset < start || segment.epoch != line.epoch
        line = opening.line
        if isGap {
            append(.break, at: now)
            // The break stands between the two logs.
            let segment = LogSegment(epoch: line.epoch, shift: start &- last, isJSON: isJSON)
            begin(segment, after: last)
            breaks.add(at: last, through: segment.offset(of: max(known.offset, start)), first: first)
            floor = last
        } else if line.epoch != segment.epoch {
            begin(LogSegment(epoch: line.epoch, shift: segment.shift, isJSON: isJSON), after: last)
        }
        append(entries, at: now)
        return isGap
    }

    /// Appends the entries of an engine's log that follow; those that are here already are skipped.
    ///
    /// - Returns: Whether all were here or have followed; false for entries that begin later.
    @discardableResult
    mutating func append(_ entries: [EngineEntry], at now: NIODeadline) -> Bool {
        var next = position.offset + 1
        let wall = WallClock.milliseconds
        for entry in entries where entry.offset >= next {
            if entry.offset > next { return false }
            append(entry.post, at: now - .milliseconds(min(max(wall - entry.time, 0), 1 << 40)))
            next += 1
        }
        return true
    }

    /// Forgets the log, when nobody reads the copy.
    mutating func forget() {
        entries.removeAll()
        breaks = LogBreaks()
        // Of no engine's log: the next that is copied begins after a break.
        line = .new()
    }

    // MARK: Reading

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
        let start = breaks.cross(from: offset, to: max(offset, first - 1))
        let entries = entries(after: start, through: min(end, breaks.readable(after: start)), upTo: byteLimit)
        let last = entries.last?.offset ?? start
        return LogBatch(
            gap: start > offset ? RoomGap(from: position(of: offset), to: position(of: start)) : nil,
            isTrimmed: offset + 1 < first, entries: entries, last: last, position: position(of: last))
    }

    /// Returns the offset after which a subscriber begins, and the gap before that.
    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?) {
        switch start {
        case .now: return (last, nil)
        case .newest(let count):
            let start = max(last - newest(count), self.start)
            return (breaks.cross(from: start, to: start), nil)
        case .after(let position):
            let oldest = self.position(of: self.start).offset
            let known = known(of: position)
            let next = segment.offset(of: max(known.offset, oldest))
            let start = breaks.cross(from: next, to: next)
            let end = self.position(of: start)
            let isGap = known.isGap || end.offset > position.offset
            let from =
                known.isGap ? position : RoomPosition(offset: position.offset, epoch: position.epoch ?? end.epoch)
            return (start, isGap ? RoomGap(from: from, to: end) : nil)
        }
    }

    /// Returns the offset up to which a reader at a position has read the log of the line, and whether it has missed
    /// entries.
    func known(of position: RoomPosition) -> (offset: UInt64, isGap: Bool) {
        line.known(of: position, last: self.position.offset, start: self.position(of: start).offset)
    }

    /// Returns the number of entries at the end that have so many messages.
    private func newest(_ count: Int) -> UInt64 {
        let found = entries.reversed().prefix { end.messages - $0.messagesBefore <= UInt64(max(count, 0)) }
        return count > 0 ? UInt64(found.count) : 0
    }

    // MARK: Sizes

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

    // MARK: Trimming

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
        oldest.offset > floor && history.countLimit > 0
            && end.messages - oldest.messagesBefore <= UInt64(history.countLimit)
            && end.bytes - oldest.end.bytes <= UInt64(history.byteLimit)
            && ageLimit.map { oldest.time + $0 > now } ?? true
    }
}
