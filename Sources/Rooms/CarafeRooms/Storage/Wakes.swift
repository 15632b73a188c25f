/// The event loops and tasks to wake after a change of a room's state, outside of its lock.
struct Wakes: Sendable {
    var shards: [RoomShard] = []
    var tasks: [UnsafeContinuation<Void, Never>] = []

    var isEmpty: Bool { shards.isEmpty && tasks.isEmpty }

    func perform() {
        for shard in shards { shard.wake() }
        for task in tasks { task.resume() }
    }
}
