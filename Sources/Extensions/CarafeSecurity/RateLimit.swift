public import CarafeApp
import CarafeRuntime
import HTTPTypes
import NIOCore
import Synchronization

/// A limit on the requests of each client. Beyond it they are answered with 429 and `Retry-After` (RFC 6585 §4).
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
/// It is a token bucket: after a pause it allows as many requests at once as the limit says, and then one at a time as
/// tokens return.
public final class RateLimit: Sendable {
    private let limit: Int
    private let interval: TimeAmount
    private let key: @Sendable (Request) -> String
    private let buckets: Mutex<RecentValues<String, RateBucket>>

    /// Creates a limit.
    ///
    /// - Parameters:
    ///   - limit: The number of requests in each interval, at least 1.
    ///   - clients: The number of clients that are tracked at a time: 100,000. Beyond it the clients that were silent
    ///     longest start with a full bucket again.
    ///   - key: Returns the identity of a request's client; by default its address, of IPv6 the first 64 bits.
    public init(
        _ limit: Int, per interval: Duration, clients: Int = 100_000,
        by key: @escaping @Sendable (Request) -> String = { $0.remoteNetwork }
    ) {
        self.limit = limit
        self.interval = TimeAmount(interval)
        self.key = key
        buckets = Mutex(RecentValues(limit: clients))
    }

    /// Counts a request.
    ///
    /// - Throws: 429 for a request beyond the limit.
    public func check(_ request: Request) throws {
        let key = key(request)
        let now = request.connection.eventLoop.now
        let wait = buckets.withLock { buckets in
            var bucket = buckets[key] ?? RateBucket(limit, per: interval, at: now)
            defer { buckets[key] = bucket }
            return bucket.consume(at: now)
        }
        guard let seconds = wait else { return }
        throw HTTPError(.tooManyRequests, "Expected fewer requests.", headers: [.retryAfter: "\(seconds)"])
    }

    /// A middleware that counts all requests of an app or a blueprint: `app.use(limit.middleware)`.
    public var middleware: Middleware {
        { [self] request, next in
            try check(request)
            return try await next(request)
        }
    }
}
