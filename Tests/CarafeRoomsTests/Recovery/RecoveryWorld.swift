import CarafeRuntime
import CarafeTesting
import Synchronization
import TestSupport

@testable import CarafeRooms

/// The room of a schedule on its nodes, the truth that they share, and all that was acknowledged.
final class RecoveryWorld: Sendable {
    private struct Node {
        var rooms: Rooms
        var engine: FaultyEngine?
    }

    private struct State {
        var nodes: [Node] = []
        /// The number of nodes that ever were.
        var count = 0
        var executor: EventLoopExecutor?
        /// The numbers of acknowledged messages.
        var acknowledged: Set<Int> = []
        /// By the first epoch of a line: the newest message of the logs before it.
        var newestBefore: [Substring: Int] = [:]
        var newest = 0
        /// The messages of rooms in memory, by position.
        var noted: [RoomPosition: String] = [:]
        var isWhole = true
    }

    let log: SharedLog?
    private let seed: UInt64
    private let makeRoom: @Sendable (Rooms) throws -> Room<String>
    private let state = Mutex(State())

    /// - Parameter nodeCount: The number of nodes; nil for a room in memory, without an engine.
    init(nodeCount: Int?, seed: UInt64, _ makeRoom: @escaping @Sendable (Rooms) throws -> Room<String>) {
        self.seed = seed
        self.makeRoom = makeRoom
        log = nodeCount == nil ? nil : SharedLog()
        for _ in 0..<(nodeCount ?? 1) { state.withLock { $0.nodes.append(makeNode(&$0)) } }
    }

    private func makeNode(_ state: inout State) -> Node {
        state.count += 1
        let engine = log.map { FaultyEngine($0, number: state.count, seed: seed &+ UInt64(state.count)) }
        if let executor = state.executor { engine?.run(on: executor) }
        return Node(rooms: Rooms(engine: engine), engine: engine)
    }

    func run(on executor: EventLoopExecutor) {
        state.withLock { state in
            state.executor = executor
            for node in state.nodes { node.engine?.run(on: executor) }
        }
    }

    // MARK: The nodes

    var nodeCount: Int { state.withLock { $0.nodes.count } }

    func room(on node: Int) throws -> Room<String> { try makeRoom(state.withLock { $0.nodes[node].rooms }) }

    func engine(of node: Int) -> FaultyEngine? { state.withLock { $0.nodes[node].engine } }

    /// Kills a node, and starts another in its place. Without an engine its room is lost.
    ///
    /// - Returns: The end of the killed node's lease.
    func restart(_ node: Int) async -> @Sendable () -> Void {
        let old = state.withLock { state in
            let old = state.nodes[node]
            state.nodes[node] = makeNode(&state)
            return old
        }
        guard let engine = old.engine else {
            begin()
            return {}
        }
        engine.kill()
        await old.rooms.node?.stop()
        return { engine.log.reap(engine.number) }
    }

    /// Empties the engine.
    func empty() {
        guard let log else { return }
        log.empty()
        begin()
    }

    /// Forgets what was said before: it is not owed to a subscriber that begins now.
    private func begin() {
        let epoch = end.epoch ?? ""
        state.withLock { state in
            state.isWhole = false
            state.newestBefore[epoch.suffix(16)] = state.newest
        }
    }

    /// Ends all nodes.
    func stop() async {
        for node in state.withLock({ $0.nodes }) { await node.rooms.node?.stop() }
    }

    // MARK: The truth

    /// The end of the log.
    var end: RoomPosition { log?.end ?? memory.update { $0.log.position } }

    var names: Set<String> { log?.names ?? Set(memory.update { $0.members.names }) }

    var isWhole: Bool { state.withLock { $0.isWhole } && log?.isWhole ?? true }

    // Force-try: the name of the room is good.
    private var memory: RoomStorage { try! room(on: 0).storage }

    func kind(at position: RoomPosition) -> SharedLog.Kind? {
        if let log { return log.kind(position.offset, in: position.epoch ?? "") }
        return state.withLock { $0.noted[position] }.map { .message($0) } ?? .change
    }

    func isHeir(_ epoch: String?, of position: RoomPosition) -> Bool {
        log?.isHeir(epoch, of: position) ?? (position.epoch == nil || position.epoch == epoch)
    }

    // MARK: Acknowledgements

    /// Notes that a message was acknowledged.
    func note(_ number: Int, _ text: String, at position: RoomPosition) throws {
        state.withLock { state in
            state.acknowledged.insert(number)
            state.newest = max(state.newest, number)
            state.noted[position] = text
        }
        guard kind(at: position) == .message(text) else {
            throw BrokenLaw(
                description: "\(text) was acknowledged at \(position), where there is \(kind(at: position) as Any)")
        }
    }

    /// Notes that a message was sent, acknowledged or not.
    func sent(_ number: Int) { state.withLock { $0.newest = max($0.newest, number) } }

    /// Whether a message between two others was acknowledged.
    func hasAcknowledged(between first: Int, and last: Int) -> Bool {
        state.withLock { $0.acknowledged.contains { $0 > first && $0 < last } }
    }

    /// The newest message before the line of an epoch began.
    func newest(before epoch: String) -> Int { state.withLock { $0.newestBefore[epoch.suffix(16)] ?? 0 } }
}
