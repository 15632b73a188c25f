import CarafeRuntime
import NIOCore

/// The state by which publishers wait for slow subscribers.
struct PublisherBackpressure: Sendable {
    /// The size of the unread entries beyond which publishers wait.
    static let limit: UInt64 = 1 << 20

    private enum Phase {
        case free
        case held
        /// The time of the hold is over; there is no other before all have caught up.
        case released
    }

    /// The maximum time of a hold; nil without holds.
    let time: TimeAmount?
    private var phase = Phase.free
    /// The number of holds.
    private var generation = 0
    var publishers = ContinuationQueue<Never>()

    init(atMost time: TimeAmount?) {
        self.time = time
    }

    func isHeld(waiting: UInt64) -> Bool { time != nil && phase != .released && waiting > Self.limit }

    /// Holds the publishers if they are not held already; returns the hold to `release` when its time is over.
    mutating func begin(waiting: UInt64) -> Int? {
        guard phase == .free, isHeld(waiting: waiting) else { return nil }
        phase = .held
        generation += 1
        return generation
    }

    /// Ends the hold if few enough bytes are unread; returns the publishers that go on.
    mutating func update(waiting: UInt64) -> [UnsafeContinuation<Void, Never>] {
        guard phase != .free, waiting <= Self.limit else { return [] }
        phase = .free
        return publishers.removeAll()
    }

    /// Ends a hold whose time is over, if it is the present one; returns the publishers that go on.
    mutating func release(_ generation: Int) -> [UnsafeContinuation<Void, Never>] {
        guard phase == .held, generation == self.generation else { return [] }
        phase = .released
        return publishers.removeAll()
    }
}
