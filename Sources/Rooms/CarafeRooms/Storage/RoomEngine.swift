import NIOCore

/// What keeps a room's log, and who is in the room: the boundary at which another engine takes the place of memory.
///
/// All else in `RoomState` is about this process: its event loops, its waiting tasks, its rates. An engine knows none of
/// it. What it appends is seen in `last`, and the room then wakes who reads.
protocol RoomEngine: Sendable {
    /// Which log it is.
    var epoch: String { get }
    /// The offset of the newest entry; 0 before the first.
    var last: UInt64 { get }

    // MARK: The log

    /// Appends a post as one step: a key that is known returns its position, an audience of which nobody is here is
    /// refused, and else the post and its key are in the log together.
    mutating func append(_ post: RoomPost, key: IdempotencyKeys.Key?, at now: NIODeadline) throws(RoomError)
        -> RoomPosition

    /// The position of the post of this key.
    func position(of key: IdempotencyKeys.Key) -> RoomPosition?

    /// Reads what is after an offset and not past another; nil when nothing is newer.
    func read(after offset: UInt64, through bound: UInt64, upTo byteLimit: UInt64) -> LogBatch?

    /// The offset after which a subscriber begins, and what it has missed before that.
    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?)

    /// What all entries up to and with this offset have cost in bytes; nil when that is no longer known.
    func end(of offset: UInt64) -> UInt64?

    /// Drops what is neither history nor needed: `needed` is the lowest offset that a subscriber has read, `delivered` the
    /// lowest that an event loop has delivered.
    mutating func trim(needed: UInt64, delivered: UInt64, at now: NIODeadline)

    // MARK: Presence

    /// Who is here; each step below changes it, and appends who came or left to the log as one step.
    var roster: Roster { get }

    /// Counts a connection of a name; returns whether the name was not here.
    mutating func connect(_ name: [UInt8], at now: NIODeadline) -> Bool
    /// Does one step of a departure: a connection ended, the grace ended, or the member was removed.
    mutating func depart(_ name: [UInt8], by step: Departure, at now: NIODeadline) -> Roster.Departure

    // MARK: Its end

    /// Appends nothing from now on.
    mutating func finish()

    func snapshot(at now: NIODeadline) -> RoomSnapshot
}

/// Why a member may have left.
enum Departure: Sendable {
    /// One connection of the name ended.
    case disconnected
    /// A run of the program began without a connection of the name.
    case restored
    /// The time to return is over, or was.
    case graceEnded
    case removed
}
