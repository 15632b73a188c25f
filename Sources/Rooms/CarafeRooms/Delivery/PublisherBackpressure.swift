import CarafeRuntime
import NIOCore

/// Whether publishers wait for slow subscribers.
struct PublisherBackpressure: Sendable {
    /// Bytes that one may be behind before publishers wait.
    static let limit: UInt64 = 1 << 20

    private enum Phase {
        case free
        case held
        /// It has been held for as long as it may be, and is not again before all have caught up.
        case released
    }

    /// How long publishers wait at most; nil for not at all.
    let time: TimeAmount?
    private var phase = Phase.free
    /// Counts the times it was held.
    private var generation = 0
    var publishers = ContinuationQueue()

    init(atMost time: TimeAmount?) {
        self.time = time
    }

    func isHeld(waiting: UInt64) -> Bool { time != nil && phase != .released && waiting > Self.limit }

    /// Holds the publishers, if they are not held already; returns what to `release` when the time is over.
    mutating func begin(waiting: UInt64) -> Int? {
        guard phase == .free, isHeld(waiting: waiting) else { return nil }
        phase = .held
        generation += 1
        return generation
    }

    /// Returns the publishers that go on, now that so many bytes wait.
    mutating func update(waiting: UInt64) -> [UnsafeContinuation<Void, Never>] {
        guard phase != .free, waiting <= Self.limit else { return [] }
        phase = .free
        return publishers.removeAll()
    }

    /// Returns the publishers that go on since their time is over, if they have been held since `begin`.
    mutating func release(_ generation: Int) -> [UnsafeContinuation<Void, Never>] {
        guard phase == .held, generation == self.generation else { return [] }
        phase = .released
        return publishers.removeAll()
    }
}
