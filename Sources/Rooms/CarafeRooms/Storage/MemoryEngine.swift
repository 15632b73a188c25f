import NIOCore

/// A room's log and roster in the memory of this process.
struct MemoryEngine: RoomEngine {
    private(set) var log: RoomLog
    private(set) var roster: Roster
    private var keys: IdempotencyKeys
    private var isFinished = false

    init(_ options: RoomOptions, isJSON: Bool) {
        log = RoomLog(history: options.history, isJSON: isJSON, restoring: options.snapshot)
        roster = Roster(
            grace: (options.presence?.grace).map { TimeAmount($0) }, restoring: options.snapshot?.people ?? [])
        keys = IdempotencyKeys(restoring: options.snapshot, epoch: log.epoch)
    }

    var epoch: String { log.epoch }
    var last: UInt64 { log.last }

    // MARK: The log

    mutating func append(
        _ post: RoomPost, key: IdempotencyKeys.Key?, at now: NIODeadline
    ) throws(RoomError) -> RoomPosition {
        if let key, let known = keys[key] { return known }
        if isFinished { throw .ended }
        if let audience = post.audience, !audience.contains(where: roster.contains) {
            throw .nobody(String(decoding: audience.first ?? [], as: UTF8.self))
        }
        let position = log.append(post, at: now).position
        if let key { keys.add(key, position) }
        return position
    }

    func position(of key: IdempotencyKeys.Key) -> RoomPosition? { keys[key] }

    func read(after offset: UInt64, through bound: UInt64, upTo byteLimit: UInt64) -> LogBatch? {
        log.read(after: offset, through: bound, upTo: byteLimit)
    }

    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?) { log.resolve(start) }

    func end(of offset: UInt64) -> UInt64? { log.end(of: offset) }

    func waiting(after offset: UInt64) -> UInt64 { log.waiting(after: offset) }

    mutating func trim(needed: UInt64, delivered: UInt64, at now: NIODeadline) {
        log.trim(needed: needed, delivered: delivered, at: now)
    }

    // MARK: Presence

    mutating func connect(_ name: [UInt8], at now: NIODeadline) -> Bool {
        let isNew = roster.connect(name)
        if isNew { append(.joined(String(decoding: name, as: UTF8.self)), at: now) }
        return isNew
    }

    mutating func depart(_ name: [UInt8], by step: Departure, at now: NIODeadline) -> Roster.Outcome {
        let departure =
            switch step {
            case .disconnected: roster.disconnect(name, at: now)
            case .restored: roster.release(name, at: now)
            case .graceEnded: roster.look(at: name, at: now)
            case .removed: roster.remove(name)
            }
        if departure == .left { append(.left(String(decoding: name, as: UTF8.self)), at: now) }
        return departure
    }

    private mutating func append(_ change: RoomChange, at now: NIODeadline) {
        if roster.grace != nil, !isFinished { _ = log.append(change.post, at: now) }
    }

    // MARK: Its end

    mutating func finish() { isFinished = true }

    func snapshot(at now: NIODeadline) -> RoomSnapshot {
        RoomSnapshot(log, roster, keys, isFinal: isFinished, at: now)
    }
}
