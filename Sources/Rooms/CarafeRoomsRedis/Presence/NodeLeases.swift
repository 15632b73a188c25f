import CarafeRedisCodec
import CarafeRooms
import CarafeRuntime
import NIOCore
import Synchronization

/// Renews the lease of this node, and ends the claims of nodes whose leases have ended.
final class NodeLeases: Sendable {
    private struct State {
        var lease = NodeLease()
        var timer: Scheduled<Void>?
        var isStopped = false
        /// The nodes whose claims are being ended.
        var reaped: Set<String> = []
    }

    private let steps: RedisSteps
    private let keys: RedisKeys
    private let reaper: ClaimReaper
    private let executor: EventLoopExecutor
    private let time: Duration
    private let onLoss: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter onLoss: Called after the begin of a lease that replaces another.
    init(
        _ steps: RedisSteps, _ keys: RedisKeys, lasting time: Duration, on executor: EventLoopExecutor,
        onLoss: @escaping @Sendable () -> Void
    ) {
        self.steps = steps
        self.keys = keys
        reaper = ClaimReaper(steps: steps, keys: keys)
        self.executor = executor
        self.time = time
        self.onLoss = onLoss
    }

    /// The name under which claims stand.
    var id: String { state.withLock { $0.lease.id } }

    // MARK: The own lease

    func connected(to server: RedisServer) { state.withLock { $0.lease.connected(in: server.term) } }

    /// The lease of this name was not found by a claim.
    func ended(_ id: String) { state.withLock { $0.lease.ended(id) } }

    /// Renews the lease, or begins one; another is begun if it has ended.
    func renew() async throws(RoomError) {
        while true {
            let (id, isNew, isStopped) = state.withLock { ($0.lease.id, $0.lease.isNew, $0.isStopped) }
            if isStopped { throw .unavailable }
            let milliseconds = Int(time / .milliseconds(1))
            let reply = try await steps.run(RoomScripts.lease, keys: [.text(keys.nodes)]) { server in
                [.text(id), isNew ? "1" : "0", .integer(milliseconds), .text(server.term)]
            }
            guard let ended = reply.elements else {
                self.ended(id)
                continue
            }
            if state.withLock({ $0.lease.renewed(id) }) { onLoss() }
            for node in ended.compactMap(\.text) { reapLater(node) }
            return
        }
    }

    /// Renews the lease three times in its time.
    func keepRenewing() {
        // With a jitter of a tenth: nodes that were started together do not reap together.
        let third = TimeAmount(time / 3).nanoseconds
        let task = executor.eventLoop.scheduleTask(in: .nanoseconds(third - .random(in: 0...third / 10))) {
            [weak self] in
            guard let self else { return }
            keepRenewing()
            Task.immediate(executorPreference: executor) {
                // Without a connection it is renewed after the next one.
                try? await self.renew()
            }
        }
        state.withLock { state in
            if state.isStopped { task.cancel() } else { state.timer = task }
        }
    }

    /// Ends all claims of this node, and its lease.
    func stop() async {
        let id = state.withLock { state in
            state.isStopped = true
            state.timer?.cancel()
            return state.lease.id
        }
        // Without a connection another node ends them when the lease is over.
        do {
            // First, so that no claim follows.
            _ = try await steps.send(RedisCommand("ZADD", .text(keys.nodes), "XX", "0", .text(id)))
            try await reaper.reap(id)
        } catch {}
    }

    // MARK: Other leases

    private func reapLater(_ node: String) {
        guard state.withLock({ $0.reaped.insert(node).inserted }) else { return }
        Task.immediate(executorPreference: executor) {
            // After a failure the next renewal finds the node again.
            try? await reaper.reap(node)
            state.withLock { _ = $0.reaped.remove(node) }
        }
    }
}
