package import NIOCore

/// So many at once, and after that one at a time as they come back: a token bucket.
package struct RateBucket: Sendable {
    private let limit: Double
    /// Tokens that come back in a nanosecond.
    private let rate: Double
    private var tokens: Double
    private var filled: NIODeadline

    /// A full one. A limit below 1 counts as 1.
    package init(_ limit: Int, per interval: TimeAmount, at now: NIODeadline) {
        self.limit = Double(max(limit, 1))
        rate = self.limit / Double(max(interval.nanoseconds, 1))
        tokens = self.limit
        filled = now
    }

    /// Takes one; nil when there was one, else in how many seconds there is.
    package mutating func take(at now: NIODeadline) -> Int? {
        tokens = min(limit, tokens + rate * Double(max((now - filled).nanoseconds, 0)))
        filled = now
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        return max(Int(((1 - tokens) / rate / 1_000_000_000).rounded(.up)), 1)
    }
}
