/// The event loops and tasks that a change of the room concerns; they are woken outside of the lock.
struct Wakes: Sendable {
    var shards: [RoomShard] = []
    var tasks: [UnsafeContinuation<Void, Never>] = []

    var isEmpty: Bool { shards.isEmpty && tasks.isEmpty }

    func perform() {
        for shard in shards { shard.wake() }
        for task in tasks { task.resume() }
    }
}
