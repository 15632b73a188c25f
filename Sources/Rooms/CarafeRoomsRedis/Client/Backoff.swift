import NIOCore

/// The times between attempts: each about twice the one before, up to a maximum, and random, so that clients that lost
/// the same server do not all return at once.
struct Backoff {
    private static let first = TimeAmount.milliseconds(200)
    private static let maximum = TimeAmount.seconds(2)

    private var ceiling = Self.first

    /// Returns the next time: from 100 to 200 ms at first, from 1 to 2 s in the end.
    mutating func next(using generator: inout some RandomNumberGenerator) -> TimeAmount {
        let nanoseconds = Int64.random(in: ceiling.nanoseconds / 2...ceiling.nanoseconds, using: &generator)
        ceiling = min(ceiling * 2, Self.maximum)
        return .nanoseconds(nanoseconds)
    }

    /// Begins with the first time again, after a success.
    mutating func reset() {
        ceiling = Self.first
    }
}
