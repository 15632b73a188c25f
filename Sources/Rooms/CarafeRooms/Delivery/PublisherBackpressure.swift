import NIOCore

/// Whether those who publish wait for those who are behind.
struct PublisherBackpressure: Sendable {
    /// Bytes that one may be behind before others wait.
    static let limit: UInt64 = 1 << 20

    private enum Phase {
        case free
        case held
        /// It has been held for as long as it may be, and is not again before all have caught up.
        case over
    }

    /// How long they wait at most; nil for not at all.
    let time: TimeAmount?
    private var phase = Phase.free
    /// Counts the times it was held.
    private var turn = 0
    var publishers = ContinuationQueue()

    init(atMost time: TimeAmount?) {
        self.time = time
    }

    func isHeld(waiting: UInt64) -> Bool { time != nil && phase != .over && waiting > Self.limit }

    /// What to `giveUp` when the time is over, if it is held from now on.
    mutating func begin(waiting: UInt64) -> Int? {
        guard phase == .free, isHeld(waiting: waiting) else { return nil }
        phase = .held
        turn += 1
        return turn
    }

    /// Who goes on, now that so much waits.
    mutating func update(waiting: UInt64) -> [UnsafeContinuation<Void, Never>] {
        guard phase != .free, waiting <= Self.limit else { return [] }
        phase = .free
        return publishers.takeAll()
    }

    mutating func giveUp(_ turn: Int) -> [UnsafeContinuation<Void, Never>] {
        guard phase == .held, turn == self.turn else { return [] }
        phase = .over
        return publishers.takeAll()
    }
}
