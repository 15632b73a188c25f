import CarafeRuntime
import NIOCore
import Synchronization
import TestSupport

@testable import CarafeRooms

/// One node's way to a `SharedLog`, with faults that are drawn from a seed: hints that are lost, late or doubled, calls
/// that fail before the step or after it, and an engine that is away.
final class FaultyEngine: RoomEngine {
    /// The faults of a time, each as a chance of 0 to 1.
    struct Faults: Sendable {
        var lostHint = 0.0
        var lateHint = 0.0
        var doubledHint = 0.0
        /// A call that fails and has done nothing.
        var refusedCall = 0.0
        /// A call whose answer is lost.
        var lostAnswer = 0.0
        /// The largest number of turns of the event loop that a call takes.
        var turns = 0

        static let none = Faults()

        static func drawn(using random: inout SeededGenerator) -> Faults {
            func chance() -> Double { [0, 0, 0.2, 0.5].randomElement(using: &random) ?? 0 }
            var faults = Faults(
                lostHint: chance(), lateHint: chance(), doubledHint: chance(), refusedCall: chance() / 2,
                lostAnswer: chance() / 2)
            faults.turns = Int.random(in: 0...3, using: &random)
            return faults
        }
    }

    private struct State {
        var random: SeededGenerator
        var faults = Faults.none
        /// Whether the engine cannot be reached.
        var isAway = false
        /// Whether the node has been killed.
        var isDead = false
        var receive: (@Sendable (EngineEvent) -> Void)?
        var executor: EventLoopExecutor?
    }

    private static let pageSize = 5

    let log: SharedLog
    let number: Int
    private let state: Mutex<State>

    init(_ log: SharedLog, number: Int, seed: UInt64) {
        self.log = log
        self.number = number
        state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    var executor: EventLoopExecutor {
        state.withLock { state in
            guard let executor = state.executor else { fatalError("the engine is used before its event loop is known") }
            return executor
        }
    }

    func run(on executor: EventLoopExecutor) { state.withLock { $0.executor = executor } }

    var isReachable: Bool { state.withLock { !$0.isAway } }

    // MARK: Faults

    func set(_ faults: Faults) { state.withLock { $0.faults = faults } }

    func kill() { state.withLock { $0.isDead = true } }

    func setAway(_ isAway: Bool) {
        let receive = state.withLock { state in
            state.isAway = isAway
            return state.receive
        }
        receive?(isAway ? .disconnected : .connected)
    }

    /// The node has been cut off for so long that its claims were ended.
    func loseClaims() {
        log.reap(number)
        state.withLock { $0.receive }?(.claimsLost)
    }

    private func draw(_ chance: (Faults) -> Double) -> Bool {
        state.withLock { Double.random(in: 0..<1, using: &$0.random) < chance($0.faults) }
    }

    /// Makes a call of the engine, which may fail.
    private func call<Value: Sendable>(_ step: () throws(RoomError) -> Value) async throws(RoomError) -> Value {
        let turns = state.withLock { Int.random(in: 0...$0.faults.turns, using: &$0.random) }
        for _ in 0..<turns { await turn() }
        if state.withLock({ $0.isAway || $0.isDead }) || draw(\.refusedCall) { throw .unavailable }
        let value = try step()
        for _ in 0..<turns { await turn() }
        if state.withLock({ $0.isDead }) || draw(\.lostAnswer) { throw .unavailable }
        return value
    }

    private func turn() async {
        let eventLoop = executor.eventLoop
        await withCheckedContinuation { continuation in eventLoop.execute { continuation.resume() } }
    }

    // MARK: RoomEngine

    func start(receiving receive: @escaping @Sendable (EngineEvent) -> Void) {
        state.withLock { $0.receive = receive }
        log.receive(number) { [weak self] page in self?.hint(page) }
    }

    private func hint(_ page: EnginePage) {
        if state.withLock({ $0.isAway || $0.isDead }) || draw(\.lostHint) { return }
        let eventLoop = executor.eventLoop
        for _ in 0...(draw(\.doubledHint) ? 1 : 0) {
            let deliver: @Sendable () -> Void = { [self] in
                state.withLock { $0.receive }?(.appended(page, room: "tea"))
            }
            if draw(\.lateHint) {
                let time = state.withLock { Int64.random(in: 0...2000, using: &$0.random) }
                eventLoop.scheduleTask(in: .milliseconds(time), deliver)
            } else {
                eventLoop.execute(deliver)
            }
        }
    }

    func waitUntilReady() async throws {}

    func stop() async {}

    func append(
        _ post: RoomPost, key: IdempotencyKeys.Key?, to room: EngineRoom
    ) async throws(RoomError) -> RoomPosition {
        try await call { () throws(RoomError) in try log.append(post, key: key) }
    }

    func open(_ room: EngineRoom) async throws(RoomError) -> EngineOpening {
        try await call { log.open(count: Self.pageSize) }
    }

    func close(_ room: EngineRoom) {}

    func read(_ room: EngineRoom, after offset: UInt64) async throws(RoomError) -> EnginePage {
        try await call { log.read(after: offset, count: Self.pageSize) }
    }

    func ends(of rooms: [EngineRoom]) async throws(RoomError) -> [RoomPosition] {
        try await call { rooms.map { _ in log.end } }
    }

    func claim(
        _ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, in room: EngineRoom
    ) async throws(RoomError) {
        try await call { () throws(RoomError) in
            try log.claim(name, as: claim, isExclusive: isExclusive, by: number)
        }
    }

    func remove(_ name: [UInt8], from room: EngineRoom) async throws(RoomError) {
        try await call { log.remove(name) }
    }
}
