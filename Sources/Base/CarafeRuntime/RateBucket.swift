package import NIOCore

/// A token bucket: a rate limit that allows a burst, and after it one at a time as tokens return.
package struct RateBucket: Sendable {
    private let limit: Double
    /// The tokens that return in a nanosecond.
    private let rate: Double
    private var tokens: Double
    private var filled: NIODeadline

    /// Creates a full bucket. A limit below 1 counts as 1.
    package init(_ limit: Int, per interval: TimeAmount, at now: NIODeadline) {
        self.limit = Double(max(limit, 1))
        rate = self.limit / Double(max(interval.nanoseconds, 1))
        tokens = self.limit
        filled = now
    }

    /// Consumes a token.
    ///
    /// - Returns: Nil if there was one, else the seconds until there is.
    package mutating func consume(at now: NIODeadline) -> Int? {
        tokens = min(limit, tokens + rate * Double(max((now - filled).nanoseconds, 0)))
        filled = now
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        return max(Int(((1 - tokens) / rate / 1_000_000_000).rounded(.up)), 1)
    }
}
