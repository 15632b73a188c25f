/// The shards and tasks to wake after a change of the room, and the connections to end, outside of the lock.
struct Wakes: Sendable {
    /// Members whose connections are to be ended.
    enum Removal: Sendable {
        case one([UInt8])
        /// All that have a name; they may return.
        case all
    }

    var shards: [RoomShard] = []
    var tasks: [UnsafeContinuation<Void, Never>] = []
    var removals: [Removal] = []

    var isEmpty: Bool { shards.isEmpty && tasks.isEmpty && removals.isEmpty }

    func perform(in storage: RoomStorage) {
        // First: a task that goes on counts the removals.
        for removal in removals { storage.endConnections(of: removal) }
        for shard in shards { shard.wake() }
        for task in tasks { task.resume() }
    }
}
