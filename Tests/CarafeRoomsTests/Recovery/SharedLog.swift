import CarafeRuntime
import NIOCore
import Synchronization

@testable import CarafeRooms

/// A broken law, with an explanation.
struct BrokenLaw: Error, CustomStringConvertible {
    var description: String
}

/// The log of one room that several nodes share: the truth behind their `FaultyEngine`s, and all that it ever was.
final class SharedLog: Sendable {
    /// An entry as a subscriber gets it.
    enum Kind: Equatable {
        case message(String)
        case change
        case `break`
        /// An entry that no subscriber gets.
        case hidden
    }

    private struct State {
        var line = RoomLine.new()
        var last: UInt64 = 0
        var entries: [EngineEntry] = []
        var keys: [IdempotencyKeys.Key: UInt64] = [:]
        var claims: [[UInt8]: [Int: EngineClaim]] = [:]
        /// By epoch: the kind of entry at each offset.
        var kinds: [String: [UInt64: Kind]] = [:]
        /// By epoch: the epoch from which it goes on, and up to which offset.
        var parents: [String: (epoch: String, last: UInt64)] = [:]
        /// Whether nothing was ever lost but by the bounds of the history.
        var isWhole = true
        var receivers: [Int: @Sendable (EnginePage) -> Void] = [:]

        var end: RoomPosition { RoomPosition(offset: last, epoch: line.epoch) }

        mutating func append(_ post: RoomPost) {
            last += 1
            entries.append(EngineEntry(offset: last, time: WallClock.milliseconds, post: post))
            kinds[line.epoch, default: [:]][last] = Kind(post)
        }

        /// Sets the claims on a name, and appends the change that follows from it.
        mutating func set(_ new: [Int: EngineClaim], on name: [UInt8]) {
            let wasHere = claims[name] != nil
            claims[name] = new.isEmpty ? nil : new
            let text = String(decoding: name, as: UTF8.self)
            if wasHere, new.isEmpty { append(.change(.left(text))) }
            if !wasHere, !new.isEmpty { append(.change(.joined(text))) }
        }
    }

    private let state = Mutex(State())

    var end: RoomPosition { state.withLock { $0.end } }
    var names: Set<String> {
        state.withLock { Set($0.claims.keys.map { String(decoding: $0, as: UTF8.self) }) }
    }
    var isWhole: Bool { state.withLock { $0.isWhole } }

    func kind(_ offset: UInt64, in epoch: String) -> Kind? { state.withLock { $0.kinds[epoch]?[offset] } }

    /// Whether a log begins with all that a reader has read who is at a position.
    func isHeir(_ epoch: String?, of position: RoomPosition) -> Bool {
        guard let old = position.epoch, var epoch else { return true }
        return state.withLock { state in
            while epoch != old {
                guard let parent = state.parents[epoch], position.offset <= parent.last else { return false }
                epoch = parent.epoch
            }
            return true
        }
    }

    func receive(_ node: Int, _ receiver: @escaping @Sendable (EnginePage) -> Void) {
        state.withLock { $0.receivers[node] = receiver }
    }

    // MARK: Steps

    func append(_ post: RoomPost, key: IdempotencyKeys.Key?) throws(RoomError) -> RoomPosition {
        try step { state throws(RoomError) in
            if let key, let offset = state.keys[key] { return RoomPosition(offset: offset, epoch: state.line.epoch) }
            if let audience = post.audience, !audience.contains(where: { state.claims[$0] != nil }) {
                throw .nobody(String(decoding: audience.first ?? [], as: UTF8.self))
            }
            state.append(post)
            if let key { state.keys[key] = state.end.offset }
            return state.end
        }
    }

    func claim(_ name: [UInt8], as claim: EngineClaim, isExclusive: Bool, by node: Int) throws(RoomError) {
        try step { state throws(RoomError) in
            var claims = state.claims[name] ?? [:]
            if isExclusive, claims.contains(where: { $0.key != node && $0.value == .connected }) {
                throw .nameInUse(String(decoding: name, as: UTF8.self))
            }
            claims[node] = claim == .none ? nil : claim
            state.set(claims, on: name)
        }
    }

    func remove(_ name: [UInt8]) {
        step { state in
            state.append(.removal(of: name))
            state.set([:], on: name)
        }
    }

    /// Ends the claims of a node whose lease is over.
    func reap(_ node: Int) {
        step { state in
            for (name, claims) in state.claims where claims[node] != nil {
                state.set(claims.filter { $0.key != node }, on: name)
            }
        }
    }

    func read(after offset: UInt64, count: Int) -> EnginePage {
        state.withLock { state in
            EnginePage(end: state.end, entries: Array(state.entries.drop { $0.offset <= offset }.prefix(count)))
        }
    }

    func open(count: Int) -> EngineOpening {
        state.withLock { state in
            EngineOpening(
                line: state.line, names: Array(state.claims.keys),
                page: EnginePage(end: state.end, entries: Array(state.entries.prefix(count))))
        }
    }

    /// Drops entries from the oldest on.
    func trim(to count: Int) {
        state.withLock { state in
            guard state.entries.count > count else { return }
            state.isWhole = false
            state.entries.removeFirst(state.entries.count - count)
        }
    }

    // MARK: Losses

    /// The engine is restarted without its newest entries, the keys of these and nothing else.
    func restart(losing count: Int) {
        step { state in
            // Each reader is told that something may be lost.
            state.isWhole = false
            let lost = min(count, state.entries.count)
            state.entries.removeLast(lost)
            state.last -= UInt64(lost)
            let last = state.last
            let parent = state.line.epoch
            state.line = state.line.next(after: last)
            state.kinds[state.line.epoch] = state.kinds[parent]?.filter { $0.key <= last }
            state.parents[state.line.epoch] = (parent, last)
            state.keys = state.keys.filter { $0.value <= last }
            state.append(.break)
        }
    }

    /// The engine comes back empty.
    func empty() {
        state.withLock { state in
            state.isWhole = false
            state.line = .new()
            state.last = 0
            state.entries = []
            state.keys = [:]
            state.claims = [:]
        }
    }

    private func step<Value: Sendable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let (value, page, receivers) = try state.withLock { state throws(Failure) in
            let last = state.end
            let value = try body(&state)
            let new = last.epoch == state.end.epoch ? last.offset : state.end.offset - 1
            let entries = state.entries.filter { $0.offset > new }
            return (value, EnginePage(end: state.end, entries: entries), Array(state.receivers.values))
        }
        if !page.entries.isEmpty { for receiver in receivers { receiver(page) } }
        return value
    }
}

extension SharedLog.Kind {
    init(_ post: RoomPost) {
        switch post.kind {
        // Texts are JSON.
        case .message: self = .message(String(String(buffer: post.message.bytes).dropFirst().dropLast()))
        case .change: self = .change
        case .break: self = .break
        case .removal: self = .hidden
        }
    }
}
