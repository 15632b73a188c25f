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
        /// Up to where the loop has delivered.
        var tail: UInt64 = 0
    }

    private struct State {
        var log: RoomLog
        var slots: [Slot] = []
        /// Who is here, and how often. By their bytes: a hash of text costs the square of its length in the worst case,
        /// which a client chooses.
        var names: [[UInt8]: Int] = [:]
        /// Who waits for the next entry and is on no event loop of a connection.
        var outside: [UInt64: UnsafeContinuation<Void, Never>] = [:]
        var tickets: UInt64 = 0
        var retries = RoomRetries()

        /// The clock of the room is that of its first event loop: virtual in tests.
        var now: NIODeadline { slots.first?.group.executor.eventLoop.now ?? .now() }

        mutating func trim() {
            let heard = slots.lazy.filter { $0.read != nil }
            let needed = heard.map { $0.read ?? $0.tail }.min() ?? log.last
            log.trim(needed: needed, delivered: heard.map(\.tail).min() ?? log.last, at: now)
        }
    }

    /// The most characters (Unicode scalars) in a member's name.
    let nameLimit: Int
    let policy: SlowMembers
    let epoch: String
    private let state: Mutex<State>

    init(nameLimit: Int, history: RoomHistory, policy: SlowMembers, isJSON: Bool) {
        self.nameLimit = nameLimit
        self.policy = policy
        let log = RoomLog(history: history, isJSON: isJSON)
        epoch = log.epoch
        state = Mutex(State(log: log))
    }

    var position: RoomPosition { state.withLock { $0.log.position } }

    // MARK: Publishing

    /// Adds a message to the log, and wakes each loop that has members once. With the key of an earlier call it adds
    /// nothing, and gives the position of that.
    @discardableResult
    func publish(_ message: Message, key: String? = nil) -> RoomPosition {
        let (position, woken) = state.withLock { state in
            if let key, let known = state.retries[key] { return (known, Woken()) }
            let (position, woken) = Self.append(message, to: nil, in: &state)
            if let key { state.retries.add(key, position) }
            return (position, woken)
        }
        woken.wake()
        return position
    }

    /// The same for one member; throws `RoomError.nobody` when it is not there.
    @discardableResult
    func publish(_ message: Message, to name: String, key: String? = nil) throws(RoomError) -> RoomPosition {
        let audience = Array(name.utf8)
        let (position, woken) = try state.withLock { state throws(RoomError) in
            if let key, let known = state.retries[key] { return (known, Woken()) }
            guard state.names[audience] != nil else { throw .nobody(name) }
            let (position, woken) = Self.append(message, to: audience, in: &state)
            if let key { state.retries.add(key, position) }
            return (position, woken)
        }
        woken.wake()
        return position
    }

    /// Whom a publisher has to wake, outside of the lock.
    private struct Woken {
        var groups: [RoomGroup] = []
        var outside: [UnsafeContinuation<Void, Never>] = []

        func wake() {
            for group in groups { group.wake() }
            for continuation in outside { continuation.resume() }
        }
    }

    private static func append(
        _ message: Message, to audience: [UInt8]?, in state: inout State
    ) -> (position: RoomPosition, woken: Woken) {
        let entry = state.log.append(message, to: audience, at: state.now)
        var woken = Woken()
        var isHeard = false
        for index in state.slots.indices where state.slots[index].read != nil {
            isHeard = true
            guard !state.slots[index].isWoken else { continue }
            state.slots[index].isWoken = true
            woken.groups.append(state.slots[index].group)
        }
        if !state.outside.isEmpty {
            woken.outside = Array(state.outside.values)
            state.outside = [:]
        }
        if !isHeard { state.trim() }
        return (entry.position, woken)
    }

    // MARK: Reading

    /// What is new to a group.
    func takeNew(for group: RoomGroup, after tail: UInt64) -> [RoomEntry] {
        state.withLock { state in
            if let index = Self.slot(of: group, in: state) { state.slots[index].isWoken = false }
            return state.log.entries(after: tail)
        }
    }

    /// Up to where everybody of a group has read, nil when nobody is there, and up to where it has delivered. What nobody
    /// needs is forgotten.
    func settle(_ group: RoomGroup, read: UInt64?, tail: UInt64) {
        state.withLock { state in
            guard let index = Self.slot(of: group, in: state) else { return }
            state.slots[index].read = read
            state.slots[index].tail = tail
            state.trim()
        }
    }

    /// Counts a group in from the end of the log, which it gets.
    func enter(_ group: RoomGroup) -> UInt64 {
        state.withLock { state in
            if let index = Self.slot(of: group, in: state) {
                state.slots[index].read = state.log.last
                state.slots[index].tail = state.log.last
                state.slots[index].isWoken = false
            }
            return state.log.last
        }
    }

    private static func slot(of group: RoomGroup, in state: State) -> Int? {
        state.slots.firstIndex { $0.group === group }
    }

    func read(after offset: UInt64, through bound: UInt64 = .max, upTo byteLimit: UInt64 = .max) -> RoomReading? {
        state.withLock { $0.log.read(after: offset, through: bound, upTo: byteLimit) }
    }

    func resolve(_ start: RoomStart) -> (offset: UInt64, gap: RoomGap?) {
        state.withLock { $0.log.resolve(start) }
    }

    /// What everything up to and with this offset has cost; nil when that is not known any more.
    func end(of offset: UInt64) -> UInt64? { state.withLock { $0.log.end(of: offset) } }

    /// Waits for an entry after an offset, on no event loop; a cancelled task goes on at once.
    func waitOutside(after offset: UInt64) async {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        await withTaskCancellationHandler {
            // Unsafe: it leaves `outside` once, under the lock, and is then resumed.
            await withUnsafeContinuation { continuation in
                let goesOn = state.withLock { state in
                    // In the lock: a cancellation after it finds the continuation.
                    if state.log.last > offset || Task.isCancelled { return true }
                    state.outside[ticket] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.outside.removeValue(forKey: ticket) }?.resume()
        }
    }

    // MARK: Names

    /// Counts a name in; one that is not `shared` must be free.
    func take(_ name: String, isShared: Bool = false) throws(RoomError) {
        try state.withLock { state throws(RoomError) in
            try check(name, isShared: isShared, in: state)
            state.names[Array(name.utf8), default: 0] += 1
        }
    }

    func check(_ name: String) throws(RoomError) {
        try state.withLock { state throws(RoomError) in try check(name, isShared: false, in: state) }
    }

    /// Throws where a name cannot be one, used or not.
    func checkForm(_ name: String) throws(RoomError) {
        guard isGood(name) else { throw .badName(limit: nameLimit) }
    }

    func free(_ name: [UInt8]) {
        state.withLock { state in
            let left = (state.names[name] ?? 0) - 1
            state.names[name] = left > 0 ? left : nil
        }
    }

    var names: [String] {
        state.withLock { $0.names.keys.map { String(decoding: $0, as: UTF8.self) } }.sorted()
    }

    private func check(_ name: String, isShared: Bool, in state: borrowing State) throws(RoomError) {
        try checkForm(name)
        guard isShared || state.names[Array(name.utf8)] == nil else { throw .nameInUse(name) }
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
