/// The shards and tasks to wake after a change of the room, outside of the lock.
struct Wakes: Sendable {
    var shards: [RoomShard] = []
    var tasks: [UnsafeContinuation<Void, Never>] = []

    var isEmpty: Bool { shards.isEmpty && tasks.isEmpty }

    func perform() {
        for shard in shards { shard.wake() }
        for task in tasks { task.resume() }
    }
}
