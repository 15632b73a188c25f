import NIOCore

/// The keeper of a room's log and roster.
///
/// The rest of `RoomState` concerns this process: its event loops, waiting tasks and rates. An engine knows nothing of
/// them. The room sees by `last` that the engine has appended entries, and then wakes their readers.
protocol RoomEngine: Sendable {
    /// The epoch of the log.
    var epoch: String { get }
    /// The offset of the newest entry; 0 before the first.
    var last: UInt64 { get }

    // MARK: The log

    /// Appends a post as one step: a known key returns its position, an audience of which nobody is in the room is
    /// refused, and otherwise the log has the post and its key together.
    mutating func append(_ post: RoomPost, key: IdempotencyKeys.Key?, at now: NIODeadline) throws(RoomError)
        -> RoomPosition

    /// The position of the post of this key.
    func position(of key: IdempotencyKeys.Key) -> RoomPosition?

    /// Reads the entries after an offset up to a bound; nil without any.
    func read(after offset: UInt64, through bound: UInt64, upTo byteLimit: UInt64) -> LogBatch?

    /// Returns the offset after which a subscriber begins, and the gap before that.
    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?)

    /// Returns the size of all entries up to and with an offset, in bytes; nil when that is no longer known.
    func end(of offset: UInt64) -> UInt64?

    /// Returns the size of the kept entries after an offset, in bytes.
    func waiting(after offset: UInt64) -> UInt64

    /// Drops entries that are neither history nor needed: `needed` is the low watermark of all subscribers, and
    /// `delivered` the lowest delivered offset of the shards.
    mutating func trim(needed: UInt64, delivered: UInt64, at now: NIODeadline)

    // MARK: Presence

    /// The members; each step below changes it and appends its change to the log as one step.
    var roster: Roster { get }

    /// Counts a connection of a name; returns whether the name was not here.
    mutating func connect(_ name: [UInt8], at now: NIODeadline) -> Bool
    /// Does one step of a departure: a connection ended, the grace ended, or the member was removed.
    mutating func depart(_ name: [UInt8], by step: Departure, at now: NIODeadline) -> Roster.Outcome

    // MARK: Its end

    /// Refuses all posts from now on.
    mutating func finish()

    func snapshot(at now: NIODeadline) -> RoomSnapshot
}

extension RoomEngine {
    /// The end of the log.
    var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }
}

/// A reason for which a member may have left.
enum Departure: Sendable {
    /// One connection of the name ended.
    case disconnected
    /// A run of the program began without a connection of the name.
    case restored
    /// The grace has ended, or had been extended.
    case graceEnded
    case removed
}
