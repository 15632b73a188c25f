import NIOCore

/// The owner of a room's log and roster: the boundary at which another engine can take the place of memory.
///
/// The rest of `RoomState` concerns this process: its event loops, its waiting tasks, its rates. An engine does not
/// know them. The room sees in `last` that the engine has appended entries, and wakes the subscribers.
protocol RoomEngine: Sendable {
    /// The identity of the log.
    var epoch: String { get }
    /// The offset of the newest entry; 0 before the first.
    var last: UInt64 { get }
    /// Returns the number of kept bytes after an offset.
    func waiting(after offset: UInt64) -> UInt64

    // MARK: The log

    /// Appends a post and its key in one step.
    ///
    /// - Returns: The position of the post, or of an earlier post with the same key.
    /// - Throws: `RoomError.nobody` if no member of the audience is present, `.ended` after `finish`.
    mutating func append(_ post: RoomPost, key: IdempotencyKeys.Key?, at now: NIODeadline) throws(RoomError)
        -> RoomPosition

    /// Returns the position of the post with a key; nil for an unknown key.
    func position(of key: IdempotencyKeys.Key) -> RoomPosition?

    /// Reads the entries after an offset and up to another; nil if there are none.
    func read(after offset: UInt64, through bound: UInt64, upTo byteLimit: UInt64) -> LogBatch?

    /// Returns the offset after which a subscriber begins, and the gap before it.
    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?)

    /// Returns the cost of all entries up to and including an offset in bytes; nil if it is no longer known.
    func end(of offset: UInt64) -> UInt64?

    /// Drops the entries that are neither history nor needed: `needed` is the lowest offset that a subscriber has read,
    /// `delivered` the lowest that an event loop has delivered.
    mutating func trim(needed: UInt64, delivered: UInt64, at now: NIODeadline)

    // MARK: Presence

    /// The members. Each step below changes them and appends the change to the log in one step.
    var roster: Roster { get }

    /// Counts a connection of a name; returns whether the name is new.
    mutating func connect(_ name: [UInt8], at now: NIODeadline) -> Bool
    /// Takes one step of a departure.
    mutating func depart(_ name: [UInt8], by step: Departure, at now: NIODeadline) -> Roster.Outcome

    // MARK: Its end

    /// Ends the log: nothing is appended from now on.
    mutating func finish()

    /// Returns the history, the members and the idempotency keys.
    func snapshot(at now: NIODeadline) -> RoomSnapshot
}

extension RoomEngine {
    /// The end of the log.
    var position: RoomPosition { RoomPosition(offset: last, epoch: epoch) }
}

/// A step after which a member may have left.
enum Departure: Sendable {
    /// One connection of the name ended.
    case disconnected
    /// The program has restarted, and the name has no connection yet.
    case restored
    /// The grace may have ended.
    case graceEnded
    /// The member was removed.
    case removed
}
