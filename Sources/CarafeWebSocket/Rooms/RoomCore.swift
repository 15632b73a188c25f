import CarafeApp
import CarafeWebSocketCodec
import NIOCore
import Synchronization

/// A room without the type of its messages: the log, the names, and a group for each event loop.
final class RoomCore: Sendable {
    private struct Slot {
        let group: RoomGroup
        /// Whether the loop is about to look at the log.
        var isWoken = false
        /// Up to where everybody of the group has read; nil when nobody is there.
        var read: UInt64?
    }

    private struct State {
        var log: RoomLog
        var slots: [Slot] = []
        /// By their bytes: a hash of text costs the square of its length in the worst case, which a client chooses.
        var names: [[UInt8]: Membership] = [:]

        /// The clock of the room is that of its first event loop: virtual in tests.
        var now: NIODeadline { slots.first?.group.executor.eventLoop.now ?? .now() }

        mutating func trim() {
            log.trim(needed: slots.compactMap(\.read).min() ?? log.last, at: now)
        }
    }

    /// The most characters (Unicode scalars) in a member's name.
    let nameLimit: Int
    let policy: SlowMembers
    private let state: Mutex<State>

    init(nameLimit: Int, history: RoomHistory, policy: SlowMembers) {
        self.nameLimit = nameLimit
        self.policy = policy
        state = Mutex(State(log: RoomLog(history: history)))
    }

    var position: RoomPosition { state.withLock { $0.log.position } }

    // MARK: Publishing

    /// Adds a message to the log, and wakes each loop that has members once.
    @discardableResult
    func publish(_ message: Message) -> RoomPosition {
        let (position, woken) = state.withLock { state in Self.append(message, to: nil, in: &state) }
        for group in woken { group.wake() }
        return position
    }

    /// The same for one member.
    func publish(_ message: Message, to name: String) throws(RoomError) {
        let key = Array(name.utf8)
        let woken = try state.withLock { state throws(RoomError) in
            guard state.names[key] != nil else { throw .nobody(name) }
            return Self.append(message, to: key, in: &state).woken
        }
        for group in woken { group.wake() }
    }

    /// Gives the groups that are to be woken, outside of the lock: nearly always one or none.
    private static func append(
        _ message: Message, to audience: [UInt8]?, in state: inout State
    ) -> (position: RoomPosition, woken: [RoomGroup]) {
        let entry = state.log.append(message, to: audience, at: state.now)
        var woken: [RoomGroup] = []
        var isHeard = false
        for index in state.slots.indices where state.slots[index].read != nil {
            isHeard = true
            guard !state.slots[index].isWoken else { continue }
            state.slots[index].isWoken = true
            woken.append(state.slots[index].group)
        }
        if !isHeard { state.trim() }
        return (RoomPosition(offset: entry.offset, epoch: state.log.epoch), woken)
    }

    // MARK: Reading

    /// What is new to a group.
    func takeNew(for group: RoomGroup, after tail: UInt64) -> [RoomEntry] {
        state.withLock { state in
            if let index = Self.slot(of: group, in: state) { state.slots[index].isWoken = false }
            return state.log.entries(after: tail)
        }
    }

    /// Up to where everybody of a group has read; nil when nobody is there. What nobody needs is forgotten.
    func settle(_ group: RoomGroup, read: UInt64?) {
        state.withLock { state in
            guard let index = Self.slot(of: group, in: state) else { return }
            state.slots[index].read = read
            state.trim()
        }
    }

    /// Counts a group in from the end of the log, which it gets.
    func enter(_ group: RoomGroup) -> UInt64 {
        state.withLock { state in
            if let index = Self.slot(of: group, in: state) {
                state.slots[index].read = state.log.last
                state.slots[index].isWoken = false
            }
            return state.log.last
        }
    }

    private static func slot(of group: RoomGroup, in state: State) -> Int? {
        state.slots.firstIndex { $0.group === group }
    }

    func withLog<Value>(_ body: (borrowing RoomLog) -> sending Value) -> sending Value {
        state.withLock { body($0.log) }
    }

    // MARK: Names

    func take(_ name: String, for membership: Membership) throws(RoomError) {
        try state.withLock { state throws(RoomError) in
            try check(name, in: state)
            state.names[Array(name.utf8)] = membership
        }
    }

    func check(_ name: String) throws(RoomError) {
        try state.withLock { state throws(RoomError) in try check(name, in: state) }
    }

    func free(_ name: [UInt8]) {
        state.withLock { $0.names[name] = nil }
    }

    func member(_ name: [UInt8]) -> Membership? { state.withLock { $0.names[name] } }

    var names: [String] {
        state.withLock { $0.names.keys.map { String(decoding: $0, as: UTF8.self) } }.sorted()
    }

    private func check(_ name: String, in state: borrowing State) throws(RoomError) {
        guard isGood(name) else { throw .badName(limit: nameLimit) }
        guard state.names[Array(name.utf8)] == nil else { throw .nameInUse(name) }
    }

    /// Something to see, no space around it, and nothing that moves a cursor; scalars count, so that marks that pile up
    /// on one letter do too.
    private func isGood(_ name: String) -> Bool {
        let scalars = name.unicodeScalars
        guard name.utf8.count <= 4 * nameLimit, scalars.count <= nameLimit,
            let first = scalars.first, let last = scalars.last
        else { return false }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
            && !scalars.contains { $0.properties.generalCategory == .control }
            && scalars.contains { !$0.properties.isWhitespace && $0.properties.generalCategory != .format }
    }

    // MARK: Groups

    func group(of executor: EventLoopExecutor) -> RoomGroup {
        state.withLock { state in
            if let known = state.slots.first(where: { $0.group.executor === executor }) { return known.group }
            let group = RoomGroup(core: self, executor: executor)
            state.slots.append(Slot(group: group))
            return group
        }
    }
}
