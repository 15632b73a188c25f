package import CarafeRuntime
import NIOCore

/// The keeper of the rooms that several processes, the nodes, share: a file or a server.
///
/// The engine's log of a room is the truth, and a node has a copy of it for each room that is read there. Each call
/// below is one step for all nodes. An engine that cannot be reached throws `RoomError.unavailable` within 2 seconds,
/// after which the step may have been taken or not; one that is slow takes no more than 2 seconds for each command of
/// the call.
///
/// Events are hints: one that is lost, late or doubled does no harm, since a node compares the ends of logs after each
/// `connected`, and every few seconds.
package protocol RoomEngine: Sendable {
    /// The event loop of the node's own work, such as its timers.
    var executor: EventLoopExecutor { get }

    // MARK: The node

    /// Begins to work, and calls `receive` on any thread with each event; called once, before all other calls.
    func start(receiving receive: @escaping @Sendable (EngineEvent) -> Void)

    /// Waits until the engine can be used.
    ///
    /// - Throws: An error that says what was expected and found, and the remedy.
    func waitUntilReady() async throws

    /// Ends all claims of this node and closes the engine.
    func stop() async

    // MARK: The log

    /// Appends a post, as one step: a known key returns its position, an audience of which nobody is in the room is
    /// refused, and otherwise the log has the post and its key together. Entries beyond `retention` are dropped.
    ///
    /// - Throws: `RoomError.nobody` or `.unavailable`.
    func append(_ post: RoomPost, key: IdempotencyKeys.Key?, to room: EngineRoom) async throws(RoomError)
        -> RoomPosition

    /// Begins to hint at the room's new entries, and then reads the log from its oldest entry.
    ///
    /// - Throws: `RoomError.unavailable`.
    func open(_ room: EngineRoom) async throws(RoomError) -> EngineOpening

    /// Ends the hints at the room's entries.
    func close(_ room: EngineRoom)

    /// Reads the entries after an offset. If the log has another epoch, or has dropped some of them, the node opens the
    /// room again.
    ///
    /// - Throws: `RoomError.unavailable`.
    func read(_ room: EngineRoom, after offset: UInt64) async throws(RoomError) -> EnginePage

    /// Returns the ends of the logs of these rooms, in their order, in one call.
    ///
    /// - Throws: `RoomError.unavailable`.
    func ends(of rooms: [EngineRoom]) async throws(RoomError) -> [RoomPosition]

    // MARK: Presence

    /// Sets this node's claim on a name.
    ///
    /// The first claim of any node appends `joined`, and the end of the last `left`, in the same step. A claim of a
    /// node whose lease has ended is ended by another, and this node is told by `claimsLost` if it was itself.
    ///
    /// - Parameter isExclusive: Whether the claim is refused if another node has a connection of the name.
    /// - Throws: `RoomError.nameInUse` or `.unavailable`.
    func claim(_ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, in room: EngineRoom) async throws(RoomError)

    /// Ends all claims on a name, and appends the removal, and `left` if there was a claim.
    ///
    /// - Throws: `RoomError.unavailable`.
    func remove(_ name: [UInt8], from room: EngineRoom) async throws(RoomError)
}

/// An event of an engine.
package enum EngineEvent: Sendable {
    /// A room's log has new entries, which follow each other.
    case appended(EnginePage, room: String)
    /// The engine can be used (again). Hints may have been lost since the last time.
    case connected
    /// The engine cannot be reached.
    case disconnected
    /// The claims of this node have been ended, since its lease was.
    case claimsLost
}

/// The claim of a node on a name.
package enum EngineClaim: Sendable, Equatable {
    /// The node has no connection of the name, and its grace is over.
    case none
    /// The last connection of the name has ended, and its grace has not.
    case away
    case connected
}

/// A room as its engine knows it.
package struct EngineRoom: Sendable, Hashable {
    package var name: String
    /// The entries that the engine keeps: the history, and at least what a node may have to read again because a hint
    /// was lost.
    package var retention: RoomHistory

    package init(name: String, history: RoomHistory) {
        self.name = name
        retention = history
        retention.countLimit = max(history.countLimit, 1000)
        retention.byteLimit = max(history.byteLimit, 1 << 20)
        // A room without a history keeps nothing for long.
        if history.countLimit == 0 { retention.ageLimit = .seconds(60) }
    }
}

/// An entry of an engine's log.
package struct EngineEntry: Sendable {
    /// The offset, which is one more than that of the entry before.
    package var offset: UInt64
    /// The time of publication, in milliseconds since 1970.
    package var time: Int64
    package var post: RoomPost

    package init(offset: UInt64, time: Int64, post: RoomPost) {
        self.offset = offset
        self.time = time
        self.post = post
    }
}

/// Entries of an engine's log that follow each other.
package struct EnginePage: Sendable {
    /// The end of the log when it was read; for a hint that of the last entry.
    package var end: RoomPosition
    /// The entries from the first kept one after the offset that was asked for; fewer than there are if they are many.
    package var entries: [EngineEntry]

    package init(end: RoomPosition, entries: [EngineEntry]) {
        self.end = end
        self.entries = entries
    }

    /// The size of the messages, in bytes.
    var byteCount: Int { entries.reduce(0) { $0 + $1.post.message.bytes.readableBytes } }
}

/// An engine's log as a node finds it.
package struct EngineOpening: Sendable {
    /// The epochs that led to this log.
    package var line: RoomLine
    /// The names with a claim at the end of the log.
    package var names: [[UInt8]]
    /// The oldest entries, up to the end or not.
    package var page: EnginePage

    package init(line: RoomLine, names: [[UInt8]], page: EnginePage) {
        self.line = line
        self.names = names
        self.page = page
    }
}
