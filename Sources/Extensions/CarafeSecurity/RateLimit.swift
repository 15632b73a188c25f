public import CarafeApp
import CarafeRuntime
import HTTPTypes
public import NIOCore
import Synchronization

/// Lets each client do something so often, and answers 429 with `Retry-After` past that (RFC 6585 §4).
///
/// ```swift
/// let logins = RateLimit(5, per: .minutes(1))
/// app.post("/login") { request in
///     try logins.check(request)
///     …
/// }
/// app.use(RateLimit(1000, per: .minutes(1)).middleware)
/// ```
///
/// It is a token bucket: after a pause as many at once as the limit says, then one at a time as they come back.
public final class RateLimit: Sendable {
    private let limit: Int
    private let interval: TimeAmount
    private let key: @Sendable (Request) -> String
    private let buckets: Mutex<RecentValues<String, RateBucket>>

    /// - Parameters:
    ///   - limit: how often in each interval, at least 1.
    ///   - clients: how many are told apart at a time: 100,000. Past it those that were silent longest begin anew.
    ///   - key: who counts as one client; by default an address, of IPv6 its first 64 bits.
    public init(
        _ limit: Int, per interval: TimeAmount, clients: Int = 100_000,
        by key: @escaping @Sendable (Request) -> String = { $0.remoteNetwork }
    ) {
        self.limit = limit
        self.interval = interval
        self.key = key
        buckets = Mutex(RecentValues(limit: clients))
    }

    /// Counts this request; throws 429 when it is one too many.
    public func check(_ request: Request) throws {
        let key = key(request)
        let now = request.connection.eventLoop.now
        let wait = buckets.withLock { buckets in
            var bucket = buckets[key] ?? RateBucket(limit, per: interval, at: now)
            defer { buckets[key] = bucket }
            return bucket.take(at: now)
        }
        guard let seconds = wait else { return }
        throw HTTPError(.tooManyRequests, "Expected fewer requests.", headers: [.retryAfter: "\(seconds)"])
    }

    /// The same for all requests of an app or a blueprint: `app.use(limit.middleware)`.
    public var middleware: Middleware {
        { [self] request, next in
            try check(request)
            return try await next(request)
        }
    }
}
