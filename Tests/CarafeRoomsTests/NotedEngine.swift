import CarafeRuntime
import CarafeWebSocketCodec
import NIOCore
import NIOEmbedded
import Synchronization
import TestSupport

@testable import CarafeRooms

/// An engine in memory, on virtual time, that notes its calls; a test says what happens during one of them.
final class NotedEngine: RoomEngine {
    enum Call: Hashable {
        case append(to: String)
        case open(String)
        case close(String)
        case read(String, after: UInt64)
        case ends(of: Set<String>)
        case claim(String, EngineClaim, isExclusive: Bool)
        case remove(String)
    }

    /// A call that waits until the test lets it go on.
    struct Held {
        fileprivate let reached = Gate()
        fileprivate let release = Gate()

        /// Waits until the call has been made.
        func wait() async { await reached.wait() }

        func letGo() { release.open() }
    }

    private struct Log {
        var line = RoomLine.new()
        var last: UInt64 = 0
        var entries: [EngineEntry] = []
        var names: Set<[UInt8]> = []

        var end: RoomPosition { RoomPosition(offset: last, epoch: line.epoch) }

        mutating func append(_ post: RoomPost) -> EnginePage {
            last += 1
            let entry = EngineEntry(offset: last, time: WallClock.milliseconds, post: post)
            entries.append(entry)
            return EnginePage(end: end, entries: [entry])
        }
    }

    private struct State {
        var logs: [String: Log] = [:]
        var calls: [Call] = []
        var during: [Call: @Sendable () async -> Void] = [:]
        var isAway = false
        var namesInUse: Set<String> = []
        var receive: (@Sendable (EngineEvent) -> Void)?
    }

    let eventLoop: NIOAsyncTestingEventLoop
    let executor: EventLoopExecutor
    /// The maximum number of entries of a page.
    private let pageSize: Int
    private let state = Mutex(State())

    init(pageSize: Int = .max, on eventLoop: NIOAsyncTestingEventLoop = NIOAsyncTestingEventLoop()) {
        self.pageSize = pageSize
        self.eventLoop = eventLoop
        executor = EventLoopExecutor(eventLoop: eventLoop, turnTime: TurnTime(limit: nil))
    }

    // MARK: The test's part

    var calls: [Call] { state.withLock { $0.calls } }

    /// Returns the calls since the last time.
    func takeCalls() -> [Call] {
        state.withLock { state in
            defer { state.calls = [] }
            return state.calls
        }
    }

    func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    /// Lets another node claim a name.
    func setInUse(_ name: String) { state.withLock { _ = $0.namesInUse.insert(name) } }

    func send(_ event: EngineEvent) { state.withLock { $0.receive }?(event) }

    /// Does something during the next call of this kind, before its result is known.
    func during(_ call: Call, _ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.during[call] = body }
    }

    /// Holds the next call of this kind.
    func hold(_ call: Call) -> Held {
        let held = Held()
        during(call) {
            held.reached.open()
            await held.release.wait()
        }
        return held
    }

    /// Appends texts as another node would.
    func publish(_ texts: String..., in room: String, isHinted: Bool = true) {
        for text in texts { publish(RoomPost(.text(text)), in: room, isHinted: isHinted) }
    }

    func publish(_ post: RoomPost, in room: String, isHinted: Bool = true) {
        let page = state.withLock { $0.logs[room, default: Log()].append(post) }
        if isHinted { send(.appended(page, room: room)) }
    }

    func end(of room: String) -> RoomPosition? { state.withLock { $0.logs[room]?.end } }

    /// Drops the oldest entries.
    func trim(_ room: String, to count: Int) {
        state.withLock { state in
            guard let entries = state.logs[room]?.entries else { return }
            state.logs[room]?.entries = entries.suffix(count)
        }
    }

    /// Begins a new epoch, without the newest entries.
    func restart(_ room: String, losing count: Int) {
        state.withLock { state in
            guard var log = state.logs[room] else { return }
            log.entries.removeLast(count)
            log.last -= UInt64(count)
            log.line = log.line.next(after: log.last)
            _ = log.append(.break)
            state.logs[room] = log
        }
    }

    private func note(_ call: Call) async throws(RoomError) {
        let during = state.withLock { state in
            state.calls.append(call)
            return state.during.removeValue(forKey: call)
        }
        await during?()
        if state.withLock({ $0.isAway }) { throw .unavailable }
    }

    // MARK: RoomEngine

    func start(receiving receive: @escaping @Sendable (EngineEvent) -> Void) { state.withLock { $0.receive = receive } }

    func waitUntilReady() async throws {}

    func stop() async {}

    func append(
        _ post: RoomPost, key: IdempotencyKeys.Key?, to room: EngineRoom
    ) async throws(RoomError) -> RoomPosition {
        let page = state.withLock { $0.isAway ? nil : $0.logs[room.name, default: Log()].append(post) }
        // The hint may be lost: a test sends its own.
        try await note(.append(to: room.name))
        guard let page else { throw .unavailable }
        return page.end
    }

    func open(_ room: EngineRoom) async throws(RoomError) -> EngineOpening {
        let opening = state.withLock { state in
            let log = state.logs[room.name, default: Log()]
            state.logs[room.name] = log
            let page = EnginePage(end: log.end, entries: Array(log.entries.prefix(pageSize)))
            return EngineOpening(line: log.line, names: Array(log.names), page: page)
        }
        try await note(.open(room.name))
        return opening
    }

    func close(_ room: EngineRoom) { state.withLock { $0.calls.append(.close(room.name)) } }

    func read(_ room: EngineRoom, after offset: UInt64) async throws(RoomError) -> EnginePage {
        try await note(.read(room.name, after: offset))
        return state.withLock { state in
            let log = state.logs[room.name, default: Log()]
            let entries = log.entries.drop { $0.offset <= offset }
            return EnginePage(end: log.end, entries: Array(entries.prefix(pageSize)))
        }
    }

    func ends(of rooms: [EngineRoom]) async throws(RoomError) -> [RoomPosition] {
        let ends = state.withLock { state in rooms.map { state.logs[$0.name]?.end ?? RoomPosition(offset: 0) } }
        try await note(.ends(of: Set(rooms.map(\.name))))
        return ends
    }

    func claim(
        _ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, in room: EngineRoom
    ) async throws(RoomError) {
        let text = String(decoding: name, as: UTF8.self)
        try await note(.claim(text, claim, isExclusive: isExclusive))
        if isExclusive, state.withLock({ $0.namesInUse.contains(text) }) { throw .nameInUse(text) }
    }

    func remove(_ name: [UInt8], from room: EngineRoom) async throws(RoomError) {
        try await note(.remove(String(decoding: name, as: UTF8.self)))
    }
}
