import CarafeRuntime
import NIOCore

/// Whether publishers wait for slow subscribers.
struct PublisherBackpressure: Sendable {
    /// The number of bytes by which a subscriber may lag before publishers wait: 1 MiB.
    static let limit: UInt64 = 1 << 20

    private enum Phase {
        case free
        case held
        /// Publishers have waited for the whole time, and wait again only after all subscribers have caught up.
        case released
    }

    /// The longest time that publishers wait; nil if they never wait.
    let time: TimeAmount?
    private var phase = Phase.free
    /// The number of times that publishers had to wait.
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

    /// Returns the publishers that continue, now that this many bytes wait.
    mutating func update(waiting: UInt64) -> [UnsafeContinuation<Void, Never>] {
        guard phase != .free, waiting <= Self.limit else { return [] }
        phase = .free
        return publishers.removeAll()
    }

    /// Returns the publishers that continue because their time is over, if they have waited since `begin`.
    mutating func release(_ generation: Int) -> [UnsafeContinuation<Void, Never>] {
        guard phase == .held, generation == self.generation else { return [] }
        phase = .released
        return publishers.removeAll()
    }
}
